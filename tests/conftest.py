"""What every test may ask for, gathered from the benches in `tests/servers`."""

import gc

import hypothesis
import pytest

from tests.servers import network

# In the order in which they lean on each other: pytest must see a bench before anybody imports it.
pytest_plugins = [
    "tests.servers.ground",
    "tests.servers.relay",
    "tests.servers.certificates",
    "tests.servers.databases",
    "tests.servers.counter",
    "tests.servers.processes",
    "tests.servers.company",
    "tests.servers.slapd",
    "tests.servers.identity",
    "tests.servers.keycloak",
    "tests.servers.trickster",
    "tests.servers.browser",
    "tests.servers.app",
    "tests.reset.systems",
    "tests.languages.whole_tour",
]

network.switch_off()
# Thousands of applications come and go: looked through less often, an eighth less time.
gc.set_threshold(50_000, 20, 20)
hypothesis.settings.register_profile("busy machine", deadline=None)
hypothesis.settings.load_profile("busy machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that nobody waits for it at the end, and open one browser rather than two."""
    items.sort(key=lambda item: not (item.get_closest_marker("timeout") or "chromium" in vars(item)["fixturenames"]))


def pytest_collection_finish() -> None:
    """Let nobody look again and again through what stays to the end: modules, tables and the tests themselves."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the very end libraries look whether all of theirs was let go."""
    gc.unfreeze()
