"""Health: alive is one thing, ready to serve a customer another."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.database import Database
from portal.migrations import newest
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings
from tests.web.bench import Client, client_of, make_app

Health = Callable[[str], Client]


@pytest.fixture
def health(settings: MakeSettings) -> Iterator[Health]:
    """A client of the hall over a database, by its URL."""
    apps: list[Flask] = []

    def make(url: str) -> Client:
        apps.append(make_app(settings(database_url=url)))
        return client_of(apps[-1])

    yield make
    for app in apps:
        app.extensions["portal"].database.close()


@requirement("ENG-04")
@pytest.mark.skipif(not newest(), reason="no migration stands yet")
def test_a_migrated_database_makes_us_ready(database: Database, health: Health) -> None:
    answer = health(url_of(database)).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


@requirement("ENG-04")
def test_an_empty_database_is_not_ready(bare_database: Database, health: Health) -> None:
    answer = health(url_of(bare_database)).get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "reason": "database is not migrated"}


@requirement("ENG-04")
@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/portal.db", "postgresql+psycopg://127.0.0.1:1/portal"], ids=["sqlite", "postgresql"]
)
def test_a_database_that_is_away_makes_us_not_ready_but_alive(health: Health, url: str) -> None:
    client = health(url)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "reason": "database is away: OperationalError"}
    assert client.get("/healthz").json == {"status": "alive"}
