"""The database itself refuses to change what the trail says, whoever asks it without taking the triggers away."""

import pytest
from sqlalchemy import delete, inspect, text, update

from portal.audit.trail import AuditEvent, AuditSeal
from portal.database import Database
from portal.migrations import upgrade
from portal.sealing import KeyRing
from tests.audit.conftest import EVENTS, faults, record, seal
from tests.requirements import requirement

pytestmark = requirement("ENG-01")

SEAL = "INTO audit_seal (event_id, sequence, key_id, mac) SELECT"
EVENT = "INTO audit_event (id, at, kind, actor, subject, details) SELECT"
BOTH = [
    "UPDATE audit_event SET subject = 'x' WHERE id = 3",
    "UPDATE audit_seal SET key_id = 2 WHERE sequence = 3",
    "DELETE FROM audit_event WHERE id = 3",
    "DELETE FROM audit_event",
    "DELETE FROM audit_seal WHERE sequence = 6",
    "DELETE FROM audit_seal",
]
SQLITE = [
    f"INSERT OR REPLACE {EVENT} 3, at, kind, actor, 'x', details FROM audit_event WHERE id = 4",
    f"REPLACE {SEAL} 3, 3, 2, mac FROM audit_seal WHERE sequence = 3",
    f"REPLACE {SEAL} 7, 3, 2, mac FROM audit_seal WHERE sequence = 3",
    f"INSERT {EVENT} id, at, kind, actor, 'x', details FROM audit_event WHERE true "
    "ON CONFLICT (id) DO UPDATE SET subject = 'x'",
    "UPDATE OR REPLACE audit_event SET id = 4 WHERE id = 3",
]
POSTGRESQL = [
    "TRUNCATE audit_seal",
    "TRUNCATE audit_event CASCADE",
    "TRUNCATE audit_event, audit_seal RESTART IDENTITY",
    f"INSERT {EVENT} id, at, kind, actor, 'x', details FROM audit_event ON CONFLICT (id) DO UPDATE SET subject = 'x'",
    "MERGE INTO audit_event USING audit_seal ON id = event_id WHEN MATCHED THEN DELETE",
]


def refuses(database: Database, statement: str) -> None:
    with pytest.raises(Exception, match="the trail is append only"), database.write() as session:
        session.execute(text(statement))


@requirement("STF-13")
@pytest.mark.parametrize("statement", BOTH)
def test_the_trail_refuses_every_change(sealed: Database, audit_keys: KeyRing, statement: str) -> None:
    refuses(sealed, statement)
    assert faults(sealed, audit_keys) == []


@requirement("STF-13")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", SQLITE)
def test_sqlite_refuses_in_each_of_its_ways(sealed: Database, audit_keys: KeyRing, statement: str) -> None:
    refuses(sealed, statement)
    assert faults(sealed, audit_keys) == []


@requirement("STF-13")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", POSTGRESQL)
def test_postgresql_refuses_in_each_of_its_ways(sealed: Database, audit_keys: KeyRing, statement: str) -> None:
    refuses(sealed, statement)
    assert faults(sealed, audit_keys) == []


@requirement("STF-13")
@pytest.mark.parametrize("act", [update(AuditEvent).values(actor="x"), delete(AuditEvent), delete(AuditSeal)])
def test_our_own_code_is_refused_as_well(sealed: Database, act: object) -> None:
    refuses(sealed, str(act).replace(":actor", "'x'"))


@requirement("STF-13")
def test_events_and_seals_are_still_added(sealed: Database, audit_keys: KeyRing) -> None:
    record(sealed, 2, first=EVENTS)
    assert seal(sealed, audit_keys) == 2
    assert faults(sealed, audit_keys) == []


@requirement("STF-13")
def test_a_chain_from_before_is_sealed_again_under_the_new_key(
    bare_database: Database, keys: KeyRing, audit_keys: KeyRing
) -> None:
    upgrade(bare_database, "0005")
    record(bare_database, EVENTS)
    seal(bare_database, keys)
    upgrade(bare_database)
    assert "audit_seal" in inspect(bare_database.engine).get_table_names()
    assert seal(bare_database, audit_keys) == EVENTS
    assert faults(bare_database, audit_keys) == []
