"""Proposals: what is proposed, by whom and why, until a second person decides or its time is over."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    Select,
    SmallInteger,
    String,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.approvals.kinds import Actor, Kind, Payload, check_words
from portal.approvals.refusals import AlreadyProposed
from portal.audit import trail
from portal.audit.events import Event
from portal.database import Base, Moment, inserted

OPEN, APPROVED, DONE = "OPEN", "APPROVED", "DONE"
REFUSED, WITHDRAWN, EXPIRED = "REFUSED", "WITHDRAWN", "EXPIRED"
VOID = "VOID"  # what it speaks of changed or is gone
STANDS = text("state in ('OPEN', 'APPROVED')")


class Proposal(Base):
    """One proposal; the database itself refuses that its proposer decides (STF-05)."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(
            "state in ('OPEN', 'APPROVED', 'DONE', 'REFUSED', 'WITHDRAWN', 'EXPIRED', 'VOID')", name="state"
        ),
        CheckConstraint("decided_by <> proposer", name="second_person"),
        CheckConstraint("decided_by is not null or state not in ('APPROVED', 'DONE', 'REFUSED')", name="decider"),
        CheckConstraint("seconded_by <> proposer and seconded_by <> decided_by", name="third_person"),
        CheckConstraint("approvers in (1, 2)", name="approvers"),
        CheckConstraint(
            "approvers = 1 or seconded_by is not null or state not in ('APPROVED', 'DONE')", name="seconded"
        ),
        CheckConstraint("(state = 'OPEN') = (decided_at is null)", name="decided"),
        CheckConstraint("expires_at > created_at", name="expires"),
        Index("uq_proposal_standing", "kind", "digest", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    approvers: Mapped[int] = mapped_column(SmallInteger)
    proposer: Mapped[str] = mapped_column(String(80))
    proposer_role: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seconded_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decision_reason: Mapped[str | None] = mapped_column(String(40))
    decision_note: Mapped[str | None] = mapped_column(String(200))
    carried_out_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether it waits for a second person, and its time is not over."""
        return self.state == OPEN and now < self.expires_at


def digest_of(kind: str, payload: Payload) -> str:
    """What a proposal is bound to: SHA-256 of its kind and its payload in canonical JSON, in hexadecimal."""
    said = json.dumps([kind, dict(payload)], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(said.encode()).hexdigest()


def propose(
    session: Session, kind: Kind, payload: Payload, *, actor: Actor, reason: str, note: str = "", now: datetime
) -> Proposal:
    """Write a proposal down; raises WrongRole, ReasonUnknown, NoteUnfit or AlreadyProposed."""
    role = kind.role_of_proposer(actor)
    check_words(kind.reasons, reason, note)
    expire(session, now=now)
    digest = digest_of(kind.name, payload)
    made = inserted(
        session, Proposal, kind=kind.name, digest=digest, payload=dict(payload), state=OPEN,
        approvers=kind.approvers, proposer=actor.name, proposer_role=role, reason=reason, note=note,
        created_at=now, expires_at=now + kind.expires,
    )  # fmt: skip
    proposal = session.scalars(_same(kind.name, digest)).one()
    if not made:
        raise AlreadyProposed(proposal.id)
    note_down(session, Event.PROPOSAL_MADE, proposal, now=now, actor=actor.name, reason=reason, role=role)
    return proposal


def find(session: Session, kind: str, payload: Payload, *, now: datetime) -> Proposal | None:
    """Whether exactly this waits for a second person already."""
    same = session.scalar(_same(kind, digest_of(kind, payload)))
    return same if same and same.is_open(now) else None


def get(session: Session, number: int) -> Proposal | None:
    """A proposal by its number, as the database has it at this moment."""
    return session.get(Proposal, number, populate_existing=True)


def open_ones(session: Session, *, now: datetime) -> Sequence[Proposal]:
    """Those that wait for a second person, oldest first."""
    waiting = select(Proposal).where(Proposal.state == OPEN, Proposal.expires_at > now)
    return session.scalars(waiting.order_by(Proposal.id)).all()


def standing(session: Session, kind: str) -> Sequence[Proposal]:
    """Those of a kind that may still come to something: open, or approved and not carried out yet."""
    return session.scalars(select(Proposal).where(Proposal.kind == kind, STANDS).order_by(Proposal.id)).all()


def latest(session: Session, *, most: int = 50) -> Sequence[Proposal]:
    """The newest proposals, whatever became of them, newest first."""
    return session.scalars(select(Proposal).order_by(Proposal.id.desc()).limit(most)).all()


def is_any_over(session: Session, *, now: datetime) -> bool:
    """Whether the time of an open one is over."""
    late = select(Proposal.id).where(Proposal.state == OPEN, Proposal.expires_at <= now)
    return session.scalar(late.limit(1)) is not None


def expire(session: Session, *, now: datetime) -> int:
    """End those whose time is over; returns how many."""
    late = update(Proposal).where(Proposal.state == OPEN, Proposal.expires_at <= now)
    ended = session.scalars(late.values(state=EXPIRED, decided_at=now).returning(Proposal)).all()
    for proposal in ended:
        note_down(session, Event.PROPOSAL_EXPIRED, proposal, now=now, actor=trail.WORKER)
    return len(ended)


def void(session: Session, kind: str, *, actor: str, now: datetime) -> int:
    """End all of a kind that stand, because what they speak of is gone; returns how many."""
    ending = update(Proposal).where(Proposal.kind == kind, STANDS)
    since = func.coalesce(Proposal.decided_at, literal(now, Moment()))
    ended = session.scalars(ending.values(state=VOID, decided_at=since).returning(Proposal)).all()
    for proposal in ended:
        note_down(session, Event.PROPOSAL_VOID, proposal, now=now, actor=actor)
    return len(ended)


def note_down(session: Session, event: Event, proposal: Proposal, *, now: datetime, actor: str, **said: str) -> None:
    """Write a step into the trail: kind, digest and reason code, never the note."""
    said |= {"what": proposal.kind, "digest": proposal.digest}
    trail.record(session, event, now=now, actor=actor, subject=f"proposal {proposal.id}", **said)


def _same(kind: str, digest: str) -> Select[Proposal]:
    """A question for what stands of exactly this, of which there is one at most."""
    return select(Proposal).where(Proposal.kind == kind, Proposal.digest == digest, STANDS)
