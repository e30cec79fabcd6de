"""Recovery: a member who lost every device begins anew, when two others agree (STF-02)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.approvals.carrying import Void
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal
from portal.audit import trail
from portal.audit.events import Event
from portal.database import Database
from portal.members import accounts, codes, correspondence, passkeys, sessions
from portal.members.member import Member
from portal.sealing import KeyRing

KIND = "member-recovery"


def payload_of(session: Session, person: Member) -> Payload:
    """What two people agree on: whose passkeys end, and which ones those are."""
    held = b"".join(passkey.id.bytes for passkey in passkeys.of(session, person))
    return {"member": person.actor, "passkeys": sha256(held).hexdigest()}


def admits(session: Session, payload: Payload, *, who: str, since: datetime, now: datetime) -> bool:
    """Nobody is one of the two for oneself."""
    return payload["member"] != who


@dataclass
class Recovering:
    """The worker's part: old passkeys and sessions end, and a new invitation goes out."""

    database: Database
    keys: KeyRing
    origin: str | None

    def found(self, payload: Payload) -> Payload | None:
        """The same, as it would be done now."""
        with self.database.read() as session:
            person = _person(session, payload)
            return payload_of(session, person) if person and not person.disabled_at else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Let the member begin anew; raises Void."""
        person = _person(session, proposal.payload)
        if person is None or self.origin is None:
            raise Void
        passkeys.forget_all(session, person)
        codes.forget(session, person)
        accounts.forget(session, person)
        sessions.end_those_of(session, person.id, now=now)
        trail.record(session, Event.MEMBER_RECOVERED, now=now, actor=trail.WORKER, subject=person.actor)
        correspondence.invite(session, self.keys, person, by=trail.WORKER, origin=self.origin, now=now)


def _person(session: Session, payload: Payload) -> Member | None:
    return session.get(Member, UUID(str(payload["member"]).removeprefix("member:")))
