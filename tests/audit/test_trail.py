"""The trail shows every later change: an entry edited, taken out, slipped in or moved."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from portal.audit.trail import BATCH, AuditEvent, AuditSeal
from portal.database import Database
from portal.sealing import KeyRing
from tests.audit.conftest import EVENTS, Tamper, faults, record, seal, slipped_in, waiting
from tests.requirements import requirement

pytestmark = requirement("ENG-01")


@requirement("STF-13")
def test_a_whole_trail_has_no_fault(sealed: Database, audit_keys: KeyRing) -> None:
    assert faults(sealed, audit_keys) == []
    assert waiting(sealed) == 0


@requirement("STF-13")
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
def test_an_edited_event_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE audit_event SET {change} WHERE id = 3")
    assert faults(sealed, audit_keys)


@requirement("STF-13")
def test_the_first_fault_names_the_first_bad_entry(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    tamper("UPDATE audit_event SET subject = 'x' WHERE id in (3, 5)")
    found = faults(sealed, audit_keys)
    assert found[0] == "Entry 3 (link:sent, event 3) was changed after it was sealed."
    assert len(found) == 2


@requirement("STF-13")
def test_a_deleted_event_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_event WHERE id = 3")
    assert faults(sealed, audit_keys) == ["The event of entry 3 was deleted."]


@requirement("STF-13")
def test_an_event_deleted_with_its_seal_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 3", "DELETE FROM audit_event WHERE id = 3")
    assert faults(sealed, audit_keys) == ["Entry 3 is missing from the chain; the next is 4."]


@requirement("STF-13")
def test_closing_the_gap_of_a_deleted_event_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 3", "DELETE FROM audit_event WHERE id = 3")
    tamper(*(f"UPDATE audit_seal SET sequence = {entry - 1} WHERE sequence = {entry}" for entry in (4, 5, 6)))
    assert faults(sealed, audit_keys)[0].startswith("Entry 3 ")


@requirement("STF-13")
def test_a_seal_taken_off_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 3")
    assert faults(sealed, audit_keys) == ["Entry 3 is missing from the chain; the next is 4."]
    if sealed.is_sqlite:  # on the other engine it may be somebody's who has not finished
        assert slipped_in(sealed) == ["Event 3 was slipped in before entry 4: it has no seal, though later ones have."]
        assert seal(sealed, audit_keys) == 0
    else:
        assert (slipped_in(sealed), waiting(sealed)) == ([], 1)


@requirement("STF-13")
def test_two_events_that_changed_places_are_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    swap = [(-1, 3), (3, 4), (4, -1)]
    tamper(*(f"UPDATE audit_seal SET event_id = {new} WHERE event_id = {old}" for new, old in swap))
    assert len(faults(sealed, audit_keys)) == 2


@requirement("STF-13")
def test_two_entries_that_changed_their_numbers_are_found(
    sealed: Database, audit_keys: KeyRing, tamper: Tamper
) -> None:
    swap = [(-1, 3), (3, 4), (4, -1)]
    tamper(*(f"UPDATE audit_seal SET sequence = {new} WHERE sequence = {old}" for new, old in swap))
    assert faults(sealed, audit_keys)


@requirement("STF-13")
def test_an_entry_from_another_history_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper) -> None:
    others = [f"DELETE FROM {table} in (4, 6)" for table in ("audit_seal WHERE sequence", "audit_event WHERE id")]
    tamper("UPDATE audit_seal SET sequence = -5 WHERE sequence = 5", *others)
    record(sealed, 3, first=50)
    seal(sealed, audit_keys)
    tamper("DELETE FROM audit_seal WHERE sequence = 5", "UPDATE audit_seal SET sequence = 5 WHERE sequence = -5")
    assert len(faults(sealed, audit_keys)) == 2


@requirement("STF-13")
def test_an_event_slipped_in_waits_for_its_seal(sealed: Database, audit_keys: KeyRing) -> None:
    record(sealed, 1, first=50)
    assert (faults(sealed, audit_keys), waiting(sealed)) == ([], 1)
    assert seal(sealed, audit_keys) == 1
    assert (faults(sealed, audit_keys), waiting(sealed)) == ([], 0)


@requirement("STF-13")
@pytest.mark.parametrize("key", [1, 0, 99])
def test_a_seal_that_somebody_made_up_is_found(sealed: Database, audit_keys: KeyRing, tamper: Tamper, key: int) -> None:
    record(sealed, 1, first=50)
    mac = "x'" + "00" * 32 + "'" if sealed.is_sqlite else "'\\x" + "00" * 32 + "'"
    tamper(
        f"INSERT INTO audit_seal (event_id, sequence, key_id, mac) VALUES ({EVENTS + 1}, {EVENTS + 1}, {key}, {mac})"
    )
    assert len(faults(sealed, audit_keys)) == 1


@requirement("STF-13")
def test_another_key_ring_confirms_nothing(sealed: Database) -> None:
    assert len(faults(sealed, KeyRing.fresh())) == EVENTS


@requirement("STF-13")
@requirement("OPS-07")
def test_a_chain_goes_on_under_a_new_key(sealed: Database, audit_keys: KeyRing) -> None:
    both = KeyRing({**audit_keys.masters, 2: KeyRing.fresh().masters[1]}, 2)
    record(sealed, 2, first=50)
    assert seal(sealed, both) == 2
    assert faults(sealed, both) == []
    with sealed.read() as session:
        assert session.scalars(select(AuditSeal.key_id).order_by(AuditSeal.sequence)).all() == [1] * EVENTS + [2] * 2


@requirement("STF-13")
def test_many_events_are_sealed_a_batch_at_a_time(database: Database, audit_keys: KeyRing) -> None:
    record(database, BATCH + 1)
    assert [seal(database, audit_keys) for _ in range(3)] == [BATCH, 1, 0]
    assert faults(database, audit_keys) == []


@requirement("STF-13")
def test_many_sealers_at_once_make_one_chain(database: Database, audit_keys: KeyRing) -> None:
    record(database, 60)
    start, done = Barrier(4), list[int]()

    def work() -> None:
        start.wait()
        done.append(seal(database, audit_keys))

    sealers = [Thread(target=work) for _ in range(4)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    assert sorted(done) == [0, 0, 0, 60]
    assert faults(database, audit_keys) == []
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 60
