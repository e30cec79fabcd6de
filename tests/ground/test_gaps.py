"""Gaps: whoever wants to write to SQLite finds the short pauses of another process that writes nearly all the time."""

import sqlite3
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url, text

from portal.database import Database
from tests.requirements import requirement
from tests.servers.databases import url_of

HELD_SECONDS, GAP_SECONDS = 0.06, 0.004
WRITES = 15


@pytest.fixture
def busy(database: Database) -> Iterator[None]:
    """Another connection holds the lock, but for a gap of a few milliseconds now and then."""
    over = threading.Event()

    def write() -> None:
        line = sqlite3.connect(make_url(url_of(database)).database or "", isolation_level=None, timeout=10)
        while not over.is_set():
            line.execute("BEGIN IMMEDIATE")
            time.sleep(HELD_SECONDS)
            line.execute("COMMIT")
            time.sleep(GAP_SECONDS)
        line.close()

    writer = threading.Thread(target=write)
    writer.start()
    yield
    over.set()
    writer.join()


@requirement("ENG-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_short_gap_of_a_busy_writer_is_found(busy: None, database: Database) -> None:
    for number in range(WRITES):
        with database.write() as session:
            session.execute(text("CREATE TABLE IF NOT EXISTS t (n integer)"))
            session.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM t")) == WRITES
