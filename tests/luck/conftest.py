"""Web processes for bad luck: one that outlives a module, where the database is not the point."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.sealing import KeyRing
from tests.servers.processes import Installation, prepare
from tests.servers.relay import Relay


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Installation]:
    """A portal on SQLite behind one proxy of ours; nobody sends its letters, and it waits for slow senders briefly."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "portal.db")
    url = f"sqlite:///{folder / 'portal.db'}"
    installation = prepare(folder / "instance", url, KeyRing.fresh(), Relay(), None, trusted_proxies=1)
    installation.web("--keep-alive", "1", threads=8)
    yield installation
    installation.stop()


@pytest.fixture
def port(site: Installation) -> int:
    """Where it listens."""
    return site.port
