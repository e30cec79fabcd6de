"""Opening: a pool that was loaded closed gives codes once two people agree on exactly what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.approvals.carrying import Void
from portal.approvals.contents import digest, in_order
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal, standing
from portal.audit import trail
from portal.audit.events import Event
from portal.database import Database, changed
from portal.enrolment.codes import Code
from portal.enrolment.pools import Pool, in_line

KIND = "pool"


def payload_of(session: Session, pool: Pool) -> Payload:
    """What a second person must agree to: the offer, exactly which codes, until when, from which file."""
    codes = select(Code.id, Code.key_id, Code.code_mac, Code.code_sealed).where(Code.pool_id == pool.id)
    return {
        "pool": str(pool.id),
        "offer": pool.offer,
        "codes": pool.codes,
        "expires": pool.expires.isoformat(),
        "file": pool.file_digest,
        "contents": digest(tuple(row) for row in in_order(session, codes, Code.id)),
    }


def discard_closed(session: Session, *, actor: str, now: datetime) -> Sequence[Pool]:
    """Remove the closed pools that no standing proposal speaks of; nobody can have got a code from them."""
    spoken_of = [UUID(proposal.payload["pool"]) for proposal in standing(session, KIND)]
    lost = select(Pool).where(Pool.opened_at.is_(None), Pool.id.not_in(spoken_of))
    closed = session.scalars(lost.with_for_update()).all()
    session.execute(delete(Code).where(Code.pool_id.in_([pool.id for pool in closed])))
    session.execute(delete(Pool).where(Pool.id.in_([pool.id for pool in closed])))
    for pool in closed:
        said: dict[str, str | int] = {"offer": pool.offer, "codes": pool.codes}
        trail.record(session, Event.CODES_DISCARDED, now=now, actor=actor, subject=f"pool:{pool.id}", **said)
    return closed


@dataclass(frozen=True)
class Opening:
    """What the worker does with a pool that two people agreed on."""

    database: Database

    def found(self, payload: Payload) -> Payload | None:
        """The same, as the pool is now."""
        with self.database.read() as session:
            pool = session.get(Pool, UUID(str(payload["pool"])))
            return payload_of(session, pool) if pool else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Let its codes be given."""
        agreed = proposal.payload
        closed = update(Pool).where(Pool.id == UUID(agreed["pool"]), Pool.opened_at.is_(None))
        if not changed(session, closed.values(opened_at=now)):
            raise Void
        in_line(session, agreed["offer"])
        said = {"offer": agreed["offer"], "codes": agreed["codes"], "proposal": proposal.id}
        trail.record(session, Event.CODES_OPENED, now=now, actor=trail.WORKER, subject=f"pool:{agreed['pool']}", **said)
