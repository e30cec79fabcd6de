"""Gaps: whoever wants to write to SQLite finds the short pauses of another process that writes nearly all the time."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import make_url, text

from portal import engines
from portal.database import Database
from tests.requirements import requirement
from tests.servers.databases import url_of

HELD_SECONDS, GAP_SECONDS = 0.06, 0.004
WRITES = 15
WRITTEN = 200_000  # bytes in each transaction of a long work


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


@pytest.fixture
def works(database: Database) -> Iterator[list[int]]:
    """How often a long work of our own, in what stands for another process, has written by now."""
    over, done = threading.Event(), [0]
    other = Database(url_of(database))

    def write() -> None:
        while not over.is_set():
            with other.write() as session:
                session.execute(text("CREATE TABLE IF NOT EXISTS work (done blob)"))
                session.execute(text("INSERT INTO work VALUES (randomblob(:size))"), {"size": WRITTEN})
                time.sleep(HELD_SECONDS)
                done[0] += 1
            other.rest()
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    yield done
    over.set()
    writer.join()


@requirement("ENG-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_long_work_lets_others_in_between_and_keeps_the_log_short(works: list[int], database: Database) -> None:
    passed = []
    for _ in range(WRITES):
        time.sleep(HELD_SECONDS)
        before = works[0]
        with database.write() as session:
            session.execute(text("INSERT INTO work VALUES (:passed)"), {"passed": b""})
            passed.append(works[0] - before)
    assert median(passed) <= 1
    assert works[0] > 2 * engines.WORKS_LOGGED
    assert Path(f"{make_url(url_of(database)).database}-wal").stat().st_size < 2 * engines.WORKS_LOGGED * WRITTEN
