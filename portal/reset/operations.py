"""Store operations: orders to the identity store, kept until they are carried out; they never hold a password."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base, changed
from portal.identity.customers import Customer
from portal.tokens import fresh_id

EXPIRE, RELEASE, REVOKE = "expire", "release", "revoke"
QUEUED, DONE = "QUEUED", "DONE"
LEASE = timedelta(seconds=30)  # a store answers within ten
LONGEST_PAUSE = timedelta(hours=1)
IS_QUEUED = text("state = 'QUEUED'")


class StoreOperation(Base):
    """One order; carried out at least once, and harmless if twice."""

    __tablename__ = "store_operation"
    __table_args__ = (
        CheckConstraint("kind in ('expire', 'release', 'revoke')", name="kind"),
        CheckConstraint("state in ('QUEUED', 'DONE')", name="state"),
        Index("ix_store_operation_due", "due_at", sqlite_where=IS_QUEUED, postgresql_where=IS_QUEUED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    kind: Mapped[str] = mapped_column(String(10))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    state: Mapped[str] = mapped_column(String(8), default=QUEUED)
    takes: Mapped[int] = mapped_column(default=0)
    ordered_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


def order(session: Session, kind: str, customer: UUID, *, now: datetime) -> None:
    """Queue an order."""
    session.add(StoreOperation(kind=kind, customer_id=customer, ordered_at=now, due_at=now))


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether an order can be taken."""
    return session.scalar(_due(now).limit(1)) is not None


def take(session: Session, *, now: datetime) -> StoreOperation | None:
    """The next due order, for this worker alone until its lease ends; each further take waits longer."""
    chosen = session.scalar(_due(now).order_by(StoreOperation.due_at).limit(1).with_for_update(skip_locked=True))
    if chosen is None:
        return None
    operation = session.get_one(StoreOperation, chosen)
    operation.due_at = now + min(LEASE * 2**operation.takes, LONGEST_PAUSE)
    operation.takes += 1
    return operation


def done(session: Session, operation: StoreOperation, *, now: datetime) -> None:
    """It was carried out."""
    mine = update(StoreOperation).where(StoreOperation.id == operation.id)
    changed(session, mine.values(state=DONE, done_at=now))


def _due(now: datetime) -> Select[UUID]:
    return select(StoreOperation.id).where(StoreOperation.state == QUEUED, StoreOperation.due_at <= now)
