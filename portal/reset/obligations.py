"""Obligations: which account must set a new password, since when, by which revision; and how that ended."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base, changed
from portal.identity.customers import Customer
from portal.incident.revisions import Revision
from portal.tokens import fresh_id

IS_OPEN = text("settled_at is null")
BY_CUSTOMER, CHANGED_SINCE, NO_PASSWORD, WITHDRAWN = "customer", "changed since", "no password", "withdrawn"


class Obligation(Base):
    """One account's duty from one revision; open until `settled_at`."""

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("customer_id", "revision"),
        CheckConstraint("(settled_at is null) = (settled_by is null)", name="settled"),
        Index("ix_obligation_open", "customer_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    revision: Mapped[int] = mapped_column(ForeignKey(Revision.number))
    since: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(20))


def owing(session: Session, customers: Collection[UUID]) -> set[UUID]:
    """Those of these accounts that must still set a password."""
    still = select(Obligation.customer_id).where(Obligation.customer_id.in_(customers), Obligation.settled_at.is_(None))
    return set(session.scalars(still))


def settled(session: Session, customers: Collection[UUID]) -> set[UUID]:
    """Those of these accounts whose owner has set a new password here."""
    done = select(Obligation.customer_id).where(Obligation.customer_id.in_(customers))
    return set(session.scalars(done.where(Obligation.settled_by == BY_CUSTOMER)))


def settled_of(session: Session, customers: Collection[UUID], revision: int) -> set[UUID]:
    """Those of these accounts whose duty from this revision has ended, however it did."""
    mine = select(Obligation.customer_id).where(Obligation.customer_id.in_(customers), Obligation.revision == revision)
    return set(session.scalars(mine.where(Obligation.settled_at.is_not(None))))


def settle(session: Session, customer: UUID, how: str, *, now: datetime) -> int:
    """End every open obligation of an account; returns how many there were."""
    mine = update(Obligation).where(Obligation.customer_id == customer, Obligation.settled_at.is_(None))
    return changed(session, mine.values(settled_at=now, settled_by=how))
