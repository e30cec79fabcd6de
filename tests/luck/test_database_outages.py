"""The database stopped, crashed, frozen or locked under load: people hear so in time, and work resumes by itself."""

import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from portal.database import Database
from portal.identity.links import LinkRequest
from portal.migrations import upgrade
from portal.sealing import KeyRing
from tests.luck.load import Load, under_load
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.postgresql import Postgresql
from tests.servers.processes import Install, Installation, prepare
from tests.servers.relay import Relay
from tests.servers.waiting import until

HONEST_SECONDS = 5

Outage = Callable[[Load], None]


@pytest.fixture
def own_database(postgresql: Postgresql) -> Iterator[Database]:
    """A database on a server that the test may stop; what it commits survives a crash of the server."""
    database = Database(postgresql.create("luck"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER DATABASE luck SET synchronous_commit = on"))
    upgrade(database)
    database.close()  # a line of our own would die with the server
    yield database
    database.close()


@pytest.fixture
def site_on_postgresql(tmp_path: Path, own_database: Database, keys: KeyRing, relay: Relay) -> Iterator[Installation]:
    """A portal with a web process and a worker."""
    installation = prepare(tmp_path / "site", url_of(own_database), keys, relay, None, trusted_proxies=1)
    installation.web(threads=8)
    worker = installation.worker()
    until(lambda: "worker:started" in worker.log(), "the worker, before anything breaks")
    yield installation
    installation.stop()


def unanswered(database: Database) -> int | None:
    """How many requests still wait for the worker."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(LinkRequest.answered_at.is_(None)))


@requirement("ENG-04")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_postgresql_may_stop_and_start_again_under_load(
    site_on_postgresql: Installation, own_database: Database, keys: KeyRing, postgresql: Postgresql, how: signal.Signals
) -> None:
    with under_load(site_on_postgresql.port) as load:
        load.more("accepted")
        postgresql.stop(how)
        try:
            load.more("refused")
        finally:
            postgresql.start()
        load.more("accepted")
    load.is_honest(own_database, keys)
    assert load.longest < HONEST_SECONDS
    until(lambda: unanswered(own_database) == 0, "the worker answers everybody", seconds=40)


@requirement("ENG-04")
def test_postgresql_may_freeze_under_load(
    site_on_postgresql: Installation, own_database: Database, keys: KeyRing, postgresql: Postgresql
) -> None:
    with under_load(site_on_postgresql.port) as load:
        load.more("accepted")
        postgresql.freeze()
        try:
            load.more("refused", 12)
        finally:
            postgresql.freeze(signal.SIGCONT)
        load.more("accepted")
    load.is_honest(own_database, keys)
    until(lambda: unanswered(own_database) == 0, "the worker answers everybody", seconds=40)


@requirement("ENG-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_may_be_locked_by_another_process_under_load(
    install: Install, database: Database, keys: KeyRing
) -> None:
    installation = install(trusted_proxies=1)
    installation.web(threads=8)
    other = sqlite3.connect(make_url(url_of(database)).database or "", isolation_level=None)
    with under_load(installation.port) as load:
        load.more("accepted")
        other.execute("BEGIN IMMEDIATE")
        load.more("refused", 60)
        other.execute("ROLLBACK")
        load.more("accepted")
    other.close()
    load.is_honest(database, keys)
    assert load.longest < HONEST_SECONDS
