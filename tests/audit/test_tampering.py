"""Five ways to bend the trail, by somebody who owns the database: each is found, and the first bad entry is named."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.audit.keeping import Keeping
from portal.audit.trail import LATE_COMERS
from portal.database import Database
from tests.audit.conftest import ENTRIES, Tamper, record, verify
from tests.requirements import requirement
from tests.servers.ground import StillClock

pytestmark = requirement("ENG-01")


def is_found(portal: Flask, folder: Path | None, entry: int, says: str) -> None:
    said = verify(portal, folder)
    assert says in said.output.splitlines()[0]
    assert f"The first bad entry is number {entry}." in said.output.splitlines()[-1]
    assert said.exit_code == 1


@requirement("STF-13")
def test_an_edit_is_found(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    tamper("UPDATE audit_event SET subject = 'somebody else' WHERE id IN (7, 10)")
    is_found(portal, anchored.folder, 7, "Entry 7 (link:sent, event 7) was changed")


@requirement("STF-13")
def test_a_deletion_is_found(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 6", "DELETE FROM audit_event WHERE id = 6")
    is_found(portal, anchored.folder, 6, "Entry 6 is missing")


@requirement("STF-13")
def test_a_deletion_whose_gap_was_closed_is_found(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE event_id = 6", "DELETE FROM audit_event WHERE id = 6")
    for entry in range(7, ENTRIES + 1):
        tamper(f"UPDATE audit_seal SET sequence = {entry - 1} WHERE sequence = {entry}")
    is_found(portal, anchored.folder, 6, "Entry 6 (link:sent, event 7) was changed")


@requirement("STF-13")
def test_an_insertion_is_found(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    copied = "kind, actor, 'slipped in', details FROM audit_event WHERE id = 5"
    tamper(f"INSERT INTO audit_event (id, at, kind, actor, subject, details) SELECT 100, at, {copied}")
    for entry in range(ENTRIES, 5, -1):
        tamper(f"UPDATE audit_seal SET sequence = {entry + 1} WHERE sequence = {entry}")
    tamper("INSERT INTO audit_seal SELECT 100, 6, key_id, mac FROM audit_seal WHERE sequence = 5")
    is_found(portal, anchored.folder, 6, "Entry 6 (link:sent, event 100) was changed")


@requirement("STF-13")
def test_an_insertion_below_the_first_entry_is_found(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    tamper(
        "INSERT INTO audit_event (id, at, kind, actor, subject, details) "
        "SELECT 100, at, kind, actor, 'slipped in', details FROM audit_event WHERE id = 5",
        "INSERT INTO audit_seal SELECT 100, 0, key_id, mac FROM audit_seal WHERE sequence = 5",
    )
    is_found(portal, anchored.folder, 0, "Entry 0 was slipped in")


@requirement("STF-13")
def test_an_event_that_is_left_for_the_worker_to_seal_is_found_by_its_number(
    portal: Flask, anchored: Keeping, tamper: Tamper
) -> None:
    low = -LATE_COMERS
    tamper(
        "INSERT INTO audit_event (id, at, kind, actor, subject, details) "
        f"SELECT {low}, at, kind, actor, 'slipped in', details FROM audit_event WHERE id = 5"
    )
    anchored.seal()
    is_found(portal, anchored.folder, 1, f"Event {low} was slipped in before entry 1")


@requirement("STF-13")
def test_an_event_that_is_left_for_the_worker_to_seal_is_found_by_its_date(
    portal: Flask, anchored: Keeping, database: Database, clock: StillClock
) -> None:
    clock.move(days=3)
    record(database, 1, first=int(timedelta(days=3).total_seconds()))
    record(database, 1, first=20)
    anchored.seal()
    is_found(portal, anchored.folder, ENTRIES + 2, "says 2018-07-02 08:00 UTC, but came later")


@requirement("STF-13")
def test_a_change_of_order_is_found(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    for new, old in [(-1, 9), (9, 10), (10, -1)]:
        tamper(f"UPDATE audit_seal SET event_id = {new} WHERE event_id = {old}")
    is_found(portal, anchored.folder, 9, "Entry 9 (link:sent, event 10) was changed")


@requirement("STF-13")
@pytest.mark.parametrize("kept", [0, 3, 7, 8, 11])
def test_a_cut_is_found(portal: Flask, anchored: Keeping, tamper: Tamper, kept: int) -> None:
    tamper(f"DELETE FROM audit_seal WHERE sequence > {kept}", f"DELETE FROM audit_event WHERE id > {kept}")
    is_found(portal, anchored.folder, kept + 1, f"Entry {kept + 1} and what followed were cut off")


@requirement("STF-13")
def test_without_anchors_it_is_said_that_a_cut_cannot_be_seen(portal: Flask, anchored: Keeping, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE sequence > 7", "DELETE FROM audit_event WHERE id > 7")
    said = verify(portal, None)
    assert said.exit_code == 0
    assert "nobody can see whether the newest entries were cut off" in said.output


@requirement("STF-13")
def test_a_cut_that_grew_again_is_found(portal: Flask, anchored: Keeping, database: Database, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_seal WHERE sequence > 6", "DELETE FROM audit_event WHERE id > 6")
    record(database, 6, first=30)
    anchored.seal()
    anchored.anchor()
    is_found(portal, anchored.folder, 5, "Entry 5 or one soon after it was written anew: an anchor of 2018-07-02 09:00")


@requirement("STF-13")
def test_a_trail_written_anew_by_a_thief_of_its_key_is_found(
    portal: Flask, anchored: Keeping, database: Database, tamper: Tamper, tmp_path: Path
) -> None:
    tamper("DELETE FROM audit_seal", "UPDATE audit_event SET subject = 'somebody else' WHERE id = 2")
    Keeping(database, anchored.keys, tmp_path / "elsewhere", anchored.clock).seal()
    assert verify(portal, None).exit_code == 0
    is_found(portal, anchored.folder, 1, "Entry 1 or one soon after it was written anew")


@requirement("STF-13")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "nonsense",
    [
        "audit_event SET at = 'never' WHERE id = 7",
        "audit_event SET at = 5 WHERE id = 7",
        "audit_event SET details = '{' WHERE id = 7",
        "audit_event SET kind = x'00' WHERE id = 7",
        "audit_seal SET mac = 'x' WHERE sequence = 7",
        "audit_seal SET key_id = 'x' WHERE sequence = 7",
        "audit_seal SET sequence = 'x' WHERE sequence = 7",
    ],
)
def test_nonsense_is_found_and_stops_nobody(portal: Flask, anchored: Keeping, tamper: Tamper, nonsense: str) -> None:
    tamper(f"UPDATE {nonsense}")
    is_found(portal, anchored.folder, 7, "ntry 7")
