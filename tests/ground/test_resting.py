"""Connections that rested are asked whether they still live; those in use are not asked again and again."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import event, text

from portal import engines
from portal.database import Database
from tests.requirements import requirement
from tests.servers.postgresql import Postgresql


@pytest.fixture
def resting(postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database whose connections count as rested after a tenth of a second."""
    monkeypatch.setattr(engines, "REST_SECONDS", 0.1)
    database = Database(postgresql.create("resting"))
    yield database
    database.close()


def ask(database: Database) -> int:
    """One question; the answer is the number of the connection's own process."""
    with database.read() as session:
        return session.scalar(text("select pg_backend_pid()")) or 0


@requirement("ENG-04")
def test_after_a_restart_of_the_server_nobody_notices(resting: Database, postgresql: Postgresql) -> None:
    before = ask(resting)
    postgresql.stop()
    postgresql.start()
    time.sleep(0.1)
    assert ask(resting) != before


def test_a_connection_in_use_is_not_asked(resting: Database) -> None:
    pings: list[object] = []
    ping = resting.engine.dialect.do_ping
    resting.engine.dialect.do_ping = lambda connection: pings.append(connection) or ping(connection)  # type: ignore[method-assign,func-returns-value]
    ask(resting)
    ask(resting)
    assert pings == []
    time.sleep(0.15)
    ask(resting)
    assert len(pings) == 1


def test_one_connection_serves_those_who_come_in_turn(resting: Database) -> None:
    assert len({ask(resting) for _ in range(5)}) == 1
    opened: list[object] = []
    event.listen(resting.engine, "connect", lambda *_: opened.append(1))
    ask(resting)
    assert opened == []
