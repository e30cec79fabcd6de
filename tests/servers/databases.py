"""The two engines: each test gets a database that is migrated and empty, on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from portal.database import Database
from portal.migrations import upgrade
from portal.schema import metadata
from tests.servers.postgresql import Postgresql

ENGINES = ("sqlite", "postgresql")

EmptyDatabase = Callable[[], Database]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """This process's own PostgreSQL; a test that stops it must start it again."""
    server = Postgresql()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgresql_url(request: pytest.FixtureRequest, worker_id: str) -> str:
    """A database of this process; TEST_DATABASE_URL names another server to make it on."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return made_on(given, f"portal_{worker_id}")
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.create("portal")


@pytest.fixture(scope="session")
def filled_postgresql(postgresql_url: str) -> Iterator[Database]:
    """The PostgreSQL database with every table in it."""
    database = Database(postgresql_url)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table in it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The SQLite database, whose file each test gets afresh."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'portal.db'}")
    # No test pulls the plug, and waiting for the disk is a tenth of the time; the portal's own processes do wait.
    event.listen(database.engine, "connect", lambda line, _: line.execute("PRAGMA synchronous=OFF"))
    yield database
    database.close()


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated, empty database; the test runs once on each engine."""
    # One engine for all tests: what it has compiled once it need not compile again, which was half of the time.
    held: Database = request.getfixturevalue(f"filled_{request.param}")
    if held.is_sqlite:
        _lay_down(request.getfixturevalue("sqlite_template"), Path(held.engine.url.database or ""))
    else:
        try:
            _empty(held)
        except OperationalError:  # some test stopped the server, and no line to it lives
            held.close()
            _empty(held)
    yield held
    # A new line to PostgreSQL costs more than a test.
    if held.is_sqlite:
        held.close()


@pytest.fixture(params=ENGINES)
def bare_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, for the migrations themselves."""
    url = f"sqlite:///{tmp_path / 'bare.db'}"
    if request.param == "postgresql":
        url = made_on(request.getfixturevalue("postgresql_url"), f"bare_{request.getfixturevalue('worker_id')}")
    database = Database(url)
    yield database
    database.close()


def url_of(database: Database) -> str:
    """The URL that another process needs to reach this database."""
    return database.engine.url.render_as_string(hide_password=False)


def made_on(server: str, name: str) -> str:
    """A new empty database on the server of that URL; returns its own URL."""
    # The database of the given URL is only the door through which another is made.
    door = Database(server)
    with door.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    door.close()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _lay_down(template: Path, path: Path) -> None:
    for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        old.unlink(missing_ok=True)  # a process that was killed may still hold the old file
    shutil.copyfile(template, path)


def _empty(filled: Database) -> None:
    # Without triggers and foreign keys; a few rows are deleted in a twentieth of the time that TRUNCATE takes.
    said = ["SET LOCAL session_replication_role = replica", *(f'DELETE FROM "{name}"' for name in metadata.tables)]
    said.append("SELECT setval(format('%%I', sequencename)::regclass, 1, false) FROM pg_sequences")
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("; ".join(said))
