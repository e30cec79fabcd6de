"""What the tests in a browser share: one site an engine for the whole run, and visitors from all over the world."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from portal.database import Database
from portal.migrations import upgrade
from tests.browser.site import Site
from tests.servers.browser import NewContext
from tests.servers.certificates import Certificates
from tests.servers.databases import made_on

OpenSite = Callable[[str, bool], Site]
GUESTS = count(1)


@pytest.fixture(scope="session")
def open_site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[OpenSite]:
    """A maker of sites: one for each engine, over TLS or not, that stands until the run is over."""
    sites: dict[tuple[str, bool], Site] = {}
    folder = tmp_path_factory.mktemp("sites")

    def make(engine: str, tls: bool) -> Site:
        if (engine, tls) not in sites:
            name = f"{engine}-{'tls' if tls else 'plain'}"
            database = Database(_database_url(request, engine, folder, name))
            upgrade(database)
            sites[engine, tls] = Site.open(folder / name, database, certificates if tls else None)
        return sites[engine, tls]

    yield make
    for site in sites.values():
        site.close()


@pytest.fixture
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> Site:
    """The site over TLS; on SQLite, unless the test is marked to run on both engines."""
    return open_site(getattr(request, "param", "sqlite"), True)


@pytest.fixture
def plain_site(open_site: OpenSite) -> Site:
    """A site without TLS, so that what goes over the wire can be read."""
    return open_site("sqlite", False)


@pytest.fixture
def new_context(new_context: NewContext) -> NewContext:
    """A maker of browsers, each from a network of its own, as limits see it."""

    def make(**options: Any) -> BrowserContext:
        guest = next(GUESTS)
        headers = {"X-Forwarded-For": f"198.18.{guest // 250}.{guest % 250 + 1}"}
        return new_context(ignore_https_errors=True, extra_http_headers=headers, **options)

    return make


def _database_url(request: pytest.FixtureRequest, engine: str, folder: Path, name: str) -> str:
    if engine == "postgresql":
        server: str = request.getfixturevalue("postgresql_url")
        return made_on(server, f"site_{name.replace('-', '_')}_{request.getfixturevalue('worker_id')}")
    path = folder / f"{name}.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"
