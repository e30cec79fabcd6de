"""`flask audit verify` says in a sentence whether the trail is whole, and fails where it is not."""

import tracemalloc

import pytest
from flask import Flask

from portal.audit import trail, verifying
from portal.audit.chain import PAGE
from portal.audit.events import Event
from portal.audit.keeping import Keeping
from portal.database import Database
from portal.sealing import KeyRing
from tests.audit.conftest import Tamper
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.servers.ground import MORNING

pytestmark = requirement("ENG-01")


def record(database: Database, keys: KeyRing, *, sealed: bool) -> None:
    with database.write() as session:
        trail.record(session, Event.VISIT_LEFT, now=MORNING, actor="customer", subject="a visit")
    if sealed:
        with database.write() as session:
            trail.seal(session, keys)


@requirement("STF-13")
def test_a_whole_trail_is_called_whole(portal: Flask, database: Database, audit_keys: KeyRing) -> None:
    record(database, audit_keys, sealed=True)
    record(database, audit_keys, sealed=False)
    said = portal.test_cli_runner().invoke(args=["audit", "verify"])
    assert said.exit_code == 0
    assert said.output.splitlines()[-1] == "The trail is whole: 1 entries; 1 events wait for the worker to seal them."


@requirement("STF-13")
def test_an_empty_trail_is_whole(portal: Flask) -> None:
    said = portal.test_cli_runner().invoke(args=["audit", "verify"])
    assert (said.exit_code, "0 entries; 0 events" in said.output) == (0, True)


@requirement("STF-13")
def test_a_broken_trail_is_called_broken(
    portal: Flask, database: Database, audit_keys: KeyRing, tamper: Tamper
) -> None:
    for _ in range(3):
        record(database, audit_keys, sealed=True)
    tamper("UPDATE audit_event SET actor = 'somebody else' WHERE id > 1")
    said = portal.test_cli_runner().invoke(args=["audit", "verify"])
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "Entry 2 (visit:left, event 2) was changed after it was sealed.",
        "Entry 3 (visit:left, event 3) was changed after it was sealed.",
        "Error: The trail is broken: 2 faults. The first bad entry is number 2.",
    ]


@requirement("STF-13")
@pytest.mark.parametrize("officers", [None, "dilys@company.example, chen@company.example"])
def test_it_is_said_where_anchors_go(make_portal: MakePortal, officers: str | None) -> None:
    said = make_portal(officers=officers).test_cli_runner().invoke(args=["audit", "verify"])
    assert ("PORTAL_OFFICERS names nobody" in said.output) == (officers is None)


@requirement("STF-13")
def test_it_agrees_with_its_anchors(portal: Flask, keeping: Keeping, database: Database) -> None:
    record(database, keeping.keys, sealed=False)
    keeping.seal()
    keeping.anchor()
    said = portal.test_cli_runner().invoke(args=["audit", "verify", "--anchors", str(keeping.folder)])
    assert said.exit_code == 0
    assert "It agrees with 2 anchors; the newest, of 2018-07-02 08:00 UTC, names entry 1." in said.output


@requirement("STF-13")
def test_a_long_trail_takes_no_more_memory_than_a_short_one(
    portal: Flask, database: Database, keeping: Keeping
) -> None:
    used = []
    for count in (2 * PAGE, 4 * PAGE):
        with database.write() as session:
            for _ in range(count):
                trail.record(session, Event.VISIT_LEFT, now=MORNING, actor="customer", subject="a visit")
        while keeping.seal():
            pass
        tracemalloc.start()
        with database.read() as session:
            assert verifying.verify(session, keeping.keys, keeping.folder).faults == 0
        used.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert used[1] < 1.3 * used[0]
