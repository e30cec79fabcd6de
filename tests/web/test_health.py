"""Health: alive is one thing, ready to serve a customer another."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.database import Database
from portal.limits import REQUESTS_PER_HOST
from portal.migrations import newest
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings
from tests.web.bench import Client, client_of, make_app

MOST = REQUESTS_PER_HOST.amount
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
def test_an_empty_database_is_not_ready_and_the_log_says_why(
    bare_database: Database, health: Health, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = health(url_of(bare_database)).get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready"}
    assert "database is not migrated" in capfd.readouterr().err


@requirement("ENG-04")
@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/portal.db", "postgresql+psycopg://127.0.0.1:1/portal"], ids=["sqlite", "postgresql"]
)
def test_a_database_that_is_away_makes_us_not_ready_but_alive(
    health: Health, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client = health(url)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready"}
    assert "database is away: OperationalError" in capfd.readouterr().err
    assert client.get("/healthz").json == {"status": "alive"}


@requirement("LNK-21", "ENG-04")
@pytest.mark.parametrize("name", ["http://10.0.0.7:8000", "http://upstream", "https://evil.example", "http://[::1]"])
def test_a_balancer_asks_by_number_and_hears_one_word(health: Health, name: str) -> None:
    client = health("sqlite:////nowhere/portal.db")
    for path in ("/healthz", "/readyz"):
        ours, by_number = client.get(path), client.get(path, base_url=name)
        assert (by_number.status_code, by_number.json, by_number.headers) == (ours.status_code, ours.json, ours.headers)
    others = [("GET", "/"), ("GET", "/healthz/"), ("GET", "//healthz"), ("POST", "/healthz"), ("OPTIONS", "/readyz")]
    for method, path in others:
        refused = client.open(path, method=method, base_url=name)
        assert refused.status_code in (400, 421)
        assert "Stagelight" not in refused.text


def test_whoever_asks_by_number_is_counted(health: Health) -> None:
    client = health("sqlite:////nowhere/portal.db")
    told = [client.get("/healthz", base_url="http://10.0.0.7").status_code for _ in range(MOST + 2)]
    assert told == [200] * MOST + [429] * 2
    assert "Stagelight" not in client.get("/healthz", base_url="http://10.0.0.7").text
