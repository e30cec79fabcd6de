"""The database: moments keep their zone, a write happens whole or not at all, and an outage is told from a mistake."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Event, Thread
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError

from portal.audit.events import Event as Happening
from portal.audit.trail import AuditEvent, record
from portal.database import Database, changed, is_outage
from portal.members.challenges import Challenge
from portal.turns import in_turn
from tests.requirements import requirement
from tests.servers.ground import MORNING

pytestmark = requirement("ENG-01")


def note(database: Database, at: datetime = MORNING) -> None:
    with database.write() as session:
        record(session, Happening.LINK_SENT, now=at, actor="worker", subject=str(UUID(int=1)))


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    there = datetime(2018, 7, 2, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    note(database, there)
    with database.read() as session:
        found = session.scalars(select(AuditEvent.at)).one()
    assert (found, found.tzinfo, found.microsecond) == (there, UTC, 123456)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="a moment without a zone"):
        note(database, datetime(2018, 7, 2, 10, 0))  # noqa: DTZ001


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def fail_halfway() -> None:
        with database.write() as session:
            record(session, Happening.LINK_SENT, now=MORNING, actor="worker", subject="x")
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert count(database) == 0


def test_a_look_opens_no_transaction_and_what_comes_after_it_on_its_line_does(database: Database) -> None:
    for _ in range(2):
        with database.look() as line:
            assert line.scalar(select(func.count()).select_from(AuditEvent)) == 0
            driver = line.connection.dbapi_connection
            idle = not driver.in_transaction if database.is_sqlite else driver.info.transaction_status == 0  # type: ignore[union-attr]
            assert idle
        test_a_write_that_fails_leaves_nothing(database)
        test_a_read_keeps_nothing(database)


def test_a_read_keeps_nothing(database: Database) -> None:
    with database.read() as session:
        record(session, Happening.LINK_SENT, now=MORNING, actor="worker", subject="x")
        session.flush()
    assert count(database) == 0


def test_a_change_says_how_many_rows_it_met(database: Database) -> None:
    with database.write() as session:
        session.add_all([Challenge(digest=bytes([number]) * 32, expires_at=MORNING) for number in range(2)])
    later = MORNING + timedelta(hours=1)
    with database.write() as session:
        assert changed(session, update(Challenge).values(expires_at=later)) == 2
        assert changed(session, update(Challenge).where(Challenge.expires_at > later).values(expires_at=later)) == 0


def test_acts_on_one_name_take_turns(database: Database) -> None:
    entered, order = Event(), []

    def second() -> None:
        entered.wait(5)
        with database.write() as session:
            in_turn(session, b"a mailbox")
            order.append("second")

    waiting = Thread(target=second)
    waiting.start()
    with database.write() as session:
        in_turn(session, b"a mailbox")
        entered.set()
        waiting.join(0.1)
        order.append("first")
    waiting.join(5)
    assert order == ["first", "second"]


def test_acts_beside_others_wait_only_for_one_who_is_alone(database: Database) -> None:
    if database.is_sqlite:
        return  # it has one writer anyway
    with database.write() as first, database.write() as second, database.write() as alone:
        in_turn(first, b"a line", beside_others=True)
        in_turn(second, b"a line", beside_others=True)
        alone.execute(text("SET LOCAL statement_timeout = 100"))
        with pytest.raises(OperationalError):
            in_turn(alone, b"a line")
        alone.rollback()


def test_a_mistake_is_no_outage(database: Database) -> None:
    with pytest.raises((ProgrammingError, OperationalError, IntegrityError)) as mistake, database.write() as session:
        session.execute(text("INSERT INTO audit_seal (event_id, sequence, key_id, mac) VALUES (1, 1, 1, NULL)"))
    assert not is_outage(mistake.value)
    assert not is_outage(ValueError())


def test_a_database_that_is_not_there_is_an_outage() -> None:
    for url in ("sqlite:////nowhere/at/all.db", "postgresql+psycopg://nobody@127.0.0.1:1/portal"):
        database = Database(url)
        with pytest.raises(OperationalError) as away, database.read() as session:
            session.execute(text("SELECT 1"))
        assert is_outage(away.value)
        database.close()


@pytest.mark.parametrize("bare_database", ["sqlite"], indirect=True)
def test_sqlite_survives_a_power_cut_and_keeps_its_promises(bare_database: Database) -> None:
    with bare_database.read() as session:
        kept = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert kept == ["wal", 2, 1]
