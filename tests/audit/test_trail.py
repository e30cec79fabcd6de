"""The trail shows every later change: an entry edited, taken out, slipped in or moved."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, text

from portal.audit import trail
from portal.audit.events import Event
from portal.audit.trail import BATCH, AuditEvent, AuditSeal
from portal.database import Database
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.ground import MORNING

pytestmark = requirement("ENG-01")
EVENTS = 6

Tamper = Callable[[str], None]


def record(database: Database, count: int, first: int = 0) -> None:
    with database.write() as session:
        for number in range(first, first + count):
            moment, subject = MORNING + timedelta(seconds=number), f"subject{number}"
            trail.record(session, Event.LINK_SENT, now=moment, actor="worker", subject=subject, repeated=False)


def seal(database: Database, keys: KeyRing) -> int:
    with database.write() as session:
        return trail.seal(session, keys)


def faults(database: Database, keys: KeyRing) -> list[str]:
    with database.read() as session:
        return list(trail.verify(session, keys))


def waiting(database: Database) -> int:
    with database.read() as session:
        return trail.waiting(session)


@pytest.fixture
def sealed(database: Database, keys: KeyRing) -> Database:
    """A database with a few sealed events."""
    record(database, EVENTS)
    assert seal(database, keys) == EVENTS
    return database


@pytest.fixture
def tamper(database: Database) -> Tamper:
    """A change by somebody who owns the database, whom no constraint stops."""

    def change(*statements: str) -> None:
        line = database.engine.raw_connection()
        try:
            cursor = line.cursor()
            free = "PRAGMA foreign_keys=OFF" if database.is_sqlite else "SET LOCAL session_replication_role = replica"
            for statement in (free, *statements):
                cursor.execute(statement)
            line.commit()
        finally:
            line.invalidate()

    return change


def test_a_whole_trail_has_no_fault(sealed: Database, keys: KeyRing) -> None:
    assert (faults(sealed, keys), waiting(sealed)) == ([], 0)


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'somebody else'",
        "actor = 'nobody'",
        "kind = 'link:dropped'",
        "at = '2018-07-02 09:00:00'",
        """details = '{"repeated": true}'""",
        "id = 4000",
    ],
)
def test_an_edited_event_is_found(sealed: Database, keys: KeyRing, tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE audit_event SET {change} WHERE id = 3")
    assert faults(sealed, keys)


def test_the_first_fault_names_the_first_bad_entry(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    tamper("UPDATE audit_event SET subject = 'x' WHERE id in (3, 5)")
    found = faults(sealed, keys)
    assert found[0] == "Entry 3 (link:sent, event 3) was changed after it was sealed."
    assert len(found) == 2


def test_a_deleted_event_is_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_event WHERE id = 3")
    assert faults(sealed, keys) == ["The event of entry 3 was deleted."]


def test_an_event_deleted_with_its_seal_is_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 3", "DELETE FROM audit_event WHERE id = 3")
    assert faults(sealed, keys) == ["Entry 3 is missing from the chain; the next is 4."]


def test_closing_the_gap_of_a_deleted_event_is_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 3", "DELETE FROM audit_event WHERE id = 3")
    tamper(*(f"UPDATE audit_seal SET sequence = {entry - 1} WHERE sequence = {entry}" for entry in (4, 5, 6)))
    assert faults(sealed, keys)[0].startswith("Entry 3 ")


def test_a_seal_taken_off_is_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 3")
    assert faults(sealed, keys)
    assert waiting(sealed) == 1


def test_two_events_that_changed_places_are_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    swap = [(-1, 3), (3, 4), (4, -1)]
    tamper(*(f"UPDATE audit_seal SET event_id = {new} WHERE event_id = {old}" for new, old in swap))
    assert len(faults(sealed, keys)) == 2


def test_two_entries_that_changed_their_numbers_are_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    swap = [(-1, 3), (3, 4), (4, -1)]
    tamper(*(f"UPDATE audit_seal SET sequence = {new} WHERE sequence = {old}" for new, old in swap))
    assert faults(sealed, keys)


def test_an_entry_from_another_history_is_found(sealed: Database, keys: KeyRing, tamper: Tamper) -> None:
    others = [f"DELETE FROM {table} in (4, 6)" for table in ("audit_seal WHERE sequence", "audit_event WHERE id")]
    tamper("UPDATE audit_seal SET sequence = -5 WHERE sequence = 5", *others)
    record(sealed, 3, first=50)
    seal(sealed, keys)
    tamper("DELETE FROM audit_seal WHERE sequence = 5", "UPDATE audit_seal SET sequence = 5 WHERE sequence = -5")
    assert len(faults(sealed, keys)) == 2


def test_an_event_slipped_in_waits_for_its_seal(sealed: Database, keys: KeyRing) -> None:
    record(sealed, 1, first=50)
    assert (faults(sealed, keys), waiting(sealed)) == ([], 1)
    assert seal(sealed, keys) == 1
    assert (faults(sealed, keys), waiting(sealed)) == ([], 0)


@pytest.mark.parametrize("key", [1, 0, 99])
def test_a_seal_that_somebody_made_up_is_found(sealed: Database, keys: KeyRing, tamper: Tamper, key: int) -> None:
    record(sealed, 1, first=50)
    mac = "x'" + "00" * 32 + "'" if sealed.is_sqlite else "'\\x" + "00" * 32 + "'"
    tamper(
        f"INSERT INTO audit_seal (event_id, sequence, key_id, mac) VALUES ({EVENTS + 1}, {EVENTS + 1}, {key}, {mac})"
    )
    assert len(faults(sealed, keys)) == 1


def test_another_key_ring_confirms_nothing(sealed: Database) -> None:
    assert len(faults(sealed, KeyRing.fresh())) == EVENTS


def test_the_database_lets_no_sealed_event_go(sealed: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), sealed.write() as session:
        session.execute(text("DELETE FROM audit_event WHERE id = 3"))


@requirement("OPS-07")
def test_a_chain_goes_on_under_a_new_key(sealed: Database, keys: KeyRing) -> None:
    both = KeyRing({**keys.masters, 2: KeyRing.fresh().masters[1]}, 2)
    record(sealed, 2, first=50)
    assert seal(sealed, both) == 2
    assert faults(sealed, both) == []
    with sealed.read() as session:
        assert session.scalars(select(AuditSeal.key_id).order_by(AuditSeal.sequence)).all() == [1] * EVENTS + [2] * 2


def test_many_events_are_sealed_a_batch_at_a_time(database: Database, keys: KeyRing) -> None:
    record(database, BATCH + 1)
    assert [seal(database, keys) for _ in range(3)] == [BATCH, 1, 0]
    assert faults(database, keys) == []


def test_many_sealers_at_once_make_one_chain(database: Database, keys: KeyRing) -> None:
    record(database, 60)
    start, done = Barrier(4), list[int]()

    def work() -> None:
        start.wait()
        done.append(seal(database, keys))

    sealers = [Thread(target=work) for _ in range(4)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    assert sorted(done) == [0, 0, 0, 60]
    assert faults(database, keys) == []
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 60
