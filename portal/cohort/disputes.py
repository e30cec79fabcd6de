"""Disputes: a customer says that an answer is wrong; until a person decides, the account is under review."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort.result import AccountAnswer, Said
from portal.database import Base, inserted
from portal.identity.customers import Customer
from portal.incident.rules import UNDER_REVIEW
from portal.tokens import fresh_id

IS_OPEN = text("decided_at is null")
STANDS, REVISE = "STANDS", "REVISE"  # the answer was right; or it was wrong, and a coming revision says it anew


class Dispute(Base):
    """One account's dispute, opened by a case; at most one of an account is open."""

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("(decided_at is null) = (decision is null)", name="decided"),
        CheckConstraint("(decided_at is null) = (decided_by is null)", name="decided_by"),
        CheckConstraint(f"decision in ('{STANDS}', '{REVISE}')", name="decision"),
        Index("uq_dispute_open", "customer_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_dispute_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    about: Mapped[UUID]  # the case, which stands above this room
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decision: Mapped[str | None] = mapped_column(String(8))


def dispute(session: Session, customer: UUID, *, about: UUID, actor: str, now: datetime) -> bool:
    """Put an account under review until somebody decides; False where it is so already."""
    if not inserted(session, Dispute, id=fresh_id(), customer_id=customer, about=about, opened_at=now):
        return False
    trail.record(session, Event.DISPUTE_OPENED, now=now, actor=actor, subject=f"account:{customer}", case=str(about))
    return True


def decide(session: Session, about: UUID, decision: str, *, by: str, now: datetime) -> bool:
    """Decide what a case disputes: STANDS, the answer was right; REVISE, a coming revision will say it anew.

    False where nothing of it is open.
    """
    mine = update(Dispute).where(Dispute.about == about, Dispute.decided_at.is_(None))
    decided = mine.values(decision=decision, decided_by=by, decided_at=now).returning(Dispute.customer_id)
    customer = session.scalar(decided, execution_options={"synchronize_session": False})
    if customer is None:
        return False
    said = {"subject": f"account:{customer}", "decision": decision}
    trail.record(session, Event.DISPUTE_DECIDED, now=now, actor=by, **said)
    return True


def is_about(session: Session, about: UUID) -> bool:
    """Whether this case holds an answer under review."""
    mine = select(Dispute.id).where(Dispute.about == about, Dispute.decided_at.is_(None))
    return session.scalar(mine) is not None


def is_open(session: Session, customer: UUID) -> bool:
    """Whether somebody must still decide about this account."""
    mine = select(Dispute.id).where(Dispute.customer_id == customer, Dispute.decided_at.is_(None))
    return session.scalar(mine) is not None


def open_about(session: Session, customer: UUID) -> UUID | None:
    """What an open dispute about this account came from: a case, or an act of the staff."""
    return session.scalar(select(Dispute.about).where(Dispute.customer_id == customer, Dispute.decided_at.is_(None)))


def reviewed(session: Session, told: Sequence[AccountAnswer]) -> list[AccountAnswer]:
    """The answers as their owners are told them: a disputed one is under review, and the one before it is what it was.

    Duties and offers follow from the answer itself: whoever disputes must lose neither.
    """
    still = or_(Dispute.decision.is_(None), Dispute.decision == REVISE)
    mine = select(Dispute).where(Dispute.customer_id.in_([answer.customer.id for answer in told]), still)
    latest = {one.customer_id: one for one in session.scalars(mine.order_by(Dispute.opened_at))}
    return [_under_review(answer, latest.get(answer.customer.id)) for answer in told]


def _under_review(answer: AccountAnswer, dispute: Dispute | None) -> AccountAnswer:
    # An answer that a revision gave after the decision is the new word.
    if dispute is None or (dispute.decided_at and answer.now.at > dispute.decided_at):
        return answer
    now = Said(UNDER_REVIEW, (), answer.since, answer.now.at)
    return replace(answer, now=now, before=answer.now, disputed=True)
