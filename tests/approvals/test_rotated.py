"""Proposals and a change of keys: what the old key made cannot be found again, so nobody turns it unasked."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.approvals import proposals
from portal.approvals.kinds import Actor, Payload
from portal.audit.events import Event
from portal.audit.trail import AuditEvent
from portal.cases import claiming, cooling, helping
from portal.cases.door import EXPORT as CASES_EXPORT
from portal.cases.proofing import AddressChange
from portal.cohort import contents, drafts
from portal.database import Database
from portal.enrolment import opening
from portal.enrolment.door import POOL, REPLACEMENT
from portal.enrolment.pools import Pool
from portal.identity.customers import Customer
from portal.identity.helpers import Helper
from portal.lookups.door import EXPORT
from portal.members import recovery
from portal.members.member import Member
from portal.rooms import KINDS
from portal.sealing import KeyRing
from tests.ground.everything import fill
from tests.requirements import requirement
from tests.servers.ground import StillClock

pytestmark = requirement("OPS-07")
# Nothing but counts, moments and numbers of rows.
PLAIN = {EXPORT.name, CASES_EXPORT.name, REPLACEMENT.name}


@pytest.fixture
def keys() -> KeyRing:
    """A second key was added, and everything has started again since."""
    return KeyRing.fresh().with_another()


def rotate(portal: Flask, *words: str) -> Result:
    portal.extensions["portal"].__dict__.pop("keys", None)
    return portal.test_cli_runner().invoke(args=["keys", "rotate", *words])


def payloads(database: Database) -> dict[str, Payload]:
    """What would be proposed, of each kind that speaks of a row."""
    with database.read() as session:
        change, customer = session.scalars(select(AddressChange)).one(), session.scalars(select(Customer)).first()
        change.cooling_until = change.started_at
        assert customer
        return {
            drafts.KIND: {"contents": contents.of_draft(database, 1).digest},
            opening.KIND: opening.payload_of(session, session.scalars(select(Pool)).one()),
            cooling.KIND: claiming.payload_of(session, change),
            cooling.SOONER: cooling.hurry_payload(change),
            helping.KIND: helping.payload_of(session, session.scalars(select(Helper)).one()),
            helping.PASSING: helping.passing_of(customer),
            recovery.KIND: recovery.payload_of(session, session.scalars(select(Member)).one()),
        }


def test_each_kind_says_whether_a_rotation_voids_it(portal: Flask, database: Database, keys: KeyRing) -> None:
    fill(database, keys)
    before = payloads(database)
    said = rotate(portal)
    assert (said.exit_code, "void" in said.output) == (0, False), said.output
    turned = {name for name, payload in payloads(database).items() if payload != before[name]}
    assert turned == {kind.name for kind in KINDS if kind.keyed}
    assert before.keys() | PLAIN == {kind.name for kind in KINDS}


def test_a_rotation_says_how_many_proposals_it_would_void_and_waits_to_be_told(
    portal: Flask, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    fill(database, keys)
    proposer = Actor("operator:dilys", frozenset({"operator"}))
    with database.write() as session:
        payload = opening.payload_of(session, session.scalars(select(Pool)).one())
        made = proposals.propose(session, POOL, payload, actor=proposer, reason="more-codes", now=clock())
    refused = rotate(portal)
    assert (refused.exit_code, "Nothing was turned" in refused.output, "void: 1." in refused.output) == (1, True, True)
    with database.read() as session:
        assert set(session.scalars(select(Customer.key_id))) == {1}
        assert proposals.get(session, made.id).state == proposals.OPEN
    told = rotate(portal, "--void")
    assert (told.exit_code, "made anew: 1." in told.output) == (0, True), told.output
    with database.read() as session:
        assert set(session.scalars(select(Customer.key_id))) == {2}
        assert proposals.get(session, made.id).state == proposals.VOID
        assert session.scalar(select(AuditEvent.subject).where(AuditEvent.kind == Event.PROPOSAL_VOID.value))
    assert "made anew" not in rotate(portal).output
