"""`flask audit verify` says in a sentence whether the trail is whole, and fails where it is not."""

from flask import Flask
from sqlalchemy import text

from portal.audit import trail
from portal.audit.events import Event
from portal.database import Database
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.ground import MORNING

pytestmark = requirement("ENG-01")


def record(database: Database, keys: KeyRing, *, sealed: bool) -> None:
    with database.write() as session:
        trail.record(session, Event.VISIT_LEFT, now=MORNING, actor="customer", subject="a visit")
    if sealed:
        with database.write() as session:
            trail.seal(session, keys)


def test_a_whole_trail_is_called_whole(portal: Flask, database: Database, keys: KeyRing) -> None:
    record(database, keys, sealed=True)
    record(database, keys, sealed=False)
    said = portal.test_cli_runner().invoke(args=["audit", "verify"])
    assert (said.exit_code, said.output) == (0, "The trail is whole; 1 events wait for the worker to seal them.\n")


def test_a_broken_trail_is_called_broken(portal: Flask, database: Database, keys: KeyRing) -> None:
    for _ in range(3):
        record(database, keys, sealed=True)
    with database.write() as session:
        session.execute(text("UPDATE audit_event SET actor = 'somebody else' WHERE id > 1"))
    said = portal.test_cli_runner().invoke(args=["audit", "verify"])
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "Entry 2 (visit:left, event 2) was changed after it was sealed.",
        "Entry 3 (visit:left, event 3) was changed after it was sealed.",
        "Error: The trail is broken: 2 faults, the first one first.",
    ]
