"""A trail to tamper with: events, their seals, and somebody who owns the database."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from portal.audit import chain, trail
from portal.audit.events import Event
from portal.audit.keeping import Keeping
from portal.database import Database
from portal.sealing import KeyRing
from tests.servers.ground import MORNING, StillClock

EVENTS = 6
ENTRIES = 12
TABLES = ("audit_event", "audit_seal")

Tamper = Callable[..., None]


def record(database: Database, count: int, first: int = 0) -> None:
    """Let so many things happen, a second apart."""
    with database.write() as session:
        for number in range(first, first + count):
            moment, subject = MORNING + timedelta(seconds=number), f"subject{number}"
            trail.record(session, Event.LINK_SENT, now=moment, actor="worker", subject=subject, repeated=False)


def seal(database: Database, keys: KeyRing) -> int:
    """Seal one batch of what waits."""
    with database.write() as session:
        return trail.seal(session, keys)


def faults(database: Database, keys: KeyRing) -> list[str]:
    """What is wrong with the chain, in words."""
    with database.read() as session:
        return [fault.says for fault in chain.faults(session, keys)]


def slipped_in(database: Database) -> list[str]:
    """What has no seal and should."""
    with database.read() as session:
        return [fault.says for fault in chain.slipped_in(session)]


def waiting(database: Database) -> int:
    """How many events wait for their seal."""
    with database.read() as session:
        return chain.waiting(session)


@pytest.fixture
def sealed(database: Database, audit_keys: KeyRing) -> Database:
    """A database with a few sealed events."""
    record(database, EVENTS)
    assert seal(database, audit_keys) == EVENTS
    return database


@pytest.fixture
def keeping(database: Database, audit_keys: KeyRing, tmp_path: Path, clock: StillClock) -> Keeping:
    """The worker's side of the trail, with a folder for its anchors."""
    return Keeping(database, audit_keys, tmp_path / "anchors", clock)


@pytest.fixture
def anchored(portal: Flask, keeping: Keeping, database: Database, clock: StillClock) -> Keeping:
    """Twelve entries: an anchor at the fourth, one at the eighth, none for the last hour."""
    for hour in range(3):
        record(database, 4, first=4 * hour)
        keeping.seal()
        if hour < 2:
            keeping.anchor()
        clock.move(hours=1)
    return keeping


def verify(portal: Flask, folder: Path | None) -> Result:
    """What `flask audit verify` says, with these anchors or without any."""
    words = ["--anchors", str(folder)] if folder else []
    return portal.test_cli_runner().invoke(args=["audit", "verify", *words])


@pytest.fixture
def tamper(database: Database) -> Tamper:
    """A change by somebody who owns the database: triggers and constraints are gone before it."""

    def change(*statements: str) -> None:
        line = database.engine.raw_connection()
        try:
            cursor = line.cursor()
            for statement in (*_freedom(database), *statements):
                cursor.execute(statement)
            line.commit()
        finally:
            line.invalidate()

    return change


def _freedom(database: Database) -> list[str]:
    if not database.is_sqlite:
        return ["SET LOCAL session_replication_role = replica"]  # no trigger fires, and tests share these tables
    with database.read() as session:
        triggers = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    return ["PRAGMA foreign_keys=OFF", *(f"DROP TRIGGER {name}" for name in triggers)]
