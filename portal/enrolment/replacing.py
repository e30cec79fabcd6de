"""Replacing: a code that went wrong is retired, and its person gets another, once two people agree."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.approvals.carrying import Void
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal, find
from portal.audit import trail
from portal.audit.events import Event
from portal.database import Database, changed
from portal.enrolment import codes, correspondence, grants, taking
from portal.enrolment.grants import Grant
from portal.enrolment.standing import today
from portal.identity.customers import Customer, stored_address
from portal.incident.file import Incident
from portal.sealing import KeyRing

KIND = "code-replacement"


class NoCode(Exception):
    """The person behind this account has no code that could be replaced."""


def wish_of(session: Session, keys: KeyRing, customer: Customer) -> Payload:
    """What two people agree on for an account; raises NoCode or SealBroken."""
    grant = grants.find(session, grants.person_at(keys, stored_address(keys, customer)))
    if grant is None or grant.granted_at is None:
        raise NoCode
    return payload_of(session, grant, str(customer.id))


def payload_of(session: Session, grant: Grant, account: str) -> Payload:
    """What two people agree on: whose code of which offer, and which one it is now."""
    code = codes.of(session, grant.id)
    said = {"account": account, "grant": str(grant.id), "offer": grant.offer}
    return said | {"code": str(code.id), "ends": code.last_four}


def proposed(session: Session, grant: Grant, account: str, *, now: datetime) -> Proposal | None:
    """What waits for a second person about the code of a grant that has one."""
    return find(session, KIND, payload_of(session, grant, account), now=now)


@dataclass(frozen=True)
class Replacing:
    """The worker's part."""

    database: Database
    keys: KeyRing
    incident: Incident

    def found(self, payload: Payload) -> Payload | None:
        """The same, as the person's code is now."""
        with self.database.read() as session:
            grant = session.get(Grant, UUID(str(payload["grant"])))
            return payload_of(session, grant, str(payload["account"])) if grant else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Retire the old code, give another and write to them; raises Void where it is too late, or none is left.

        Nobody in line is passed: whoever has a code stood before them.
        """
        agreed = proposal.payload
        grant = session.get_one(Grant, UUID(agreed["grant"]))
        retired = codes.retire(session, UUID(agreed["code"]), now=now)
        if not retired or not taking.take(session, grant.offer, today(self.incident, now), grant.id):
            raise Void
        # It was not shown yet, so the journey leads there once more.
        unseen = {"shown_at": None, "instead_of": agreed["ends"]}
        changed(session, update(Grant).where(Grant.id == grant.id).values(unseen))
        said: dict[str, str | int] = {"offer": grant.offer, "reason": proposal.reason, "proposal": proposal.id}
        trail.record(session, Event.CODE_REPLACED, now=now, actor=trail.WORKER, subject=f"grant:{grant.id}", **said)
        correspondence.announce(session, self.keys, grant, replaced=True, now=now)
