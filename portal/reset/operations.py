"""Store operations: orders to the identity store, kept until they are carried out; they never hold a password."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.database import Base, Moment, changed, copied
from portal.identity.customers import Customer
from portal.tokens import fresh_id

EXPIRE, RELEASE, REVOKE = "expire", "release", "revoke"
QUEUED, DONE = "QUEUED", "DONE"
LEASE = timedelta(seconds=30)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(hours=1)
MOST_DOUBLINGS = 12
WINDOW = 1000  # so many of the oldest are looked at: a few may wait for an earlier one that is carried out right now
SAMPLE = timedelta(minutes=1)  # over which the rate is told
IS_QUEUED = text("state = 'QUEUED'")
chance = random.SystemRandom()


class StoreOperation(Base):
    """One order; carried out at least once, and harmless if twice.

    `epoch` counts the orders to one account: they are carried out in its order, one after the other.
    """

    __tablename__ = "store_operation"
    __table_args__ = (
        CheckConstraint("kind in ('expire', 'release', 'revoke')", name="kind"),
        CheckConstraint("state in ('QUEUED', 'DONE')", name="state"),
        Index("ix_store_operation_due", "due_at", sqlite_where=IS_QUEUED, postgresql_where=IS_QUEUED),
        Index("ix_store_operation_customer", "customer_id", "epoch"),
        Index("ix_store_operation_done_at", "done_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    kind: Mapped[str] = mapped_column(String(10))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[str] = mapped_column(String(8), default=QUEUED)
    takes: Mapped[int] = mapped_column(default=0)
    ordered_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Progress:
    """How far the orders are: of all so many are done, so many of the others were tried in vain."""

    total: int
    done: int
    tried: int
    a_second: float

    @property
    def left(self) -> int:
        """How many are still to be carried out."""
        return self.total - self.done

    @property
    def seconds_left(self) -> float | None:
        """How long that takes at this rate; None where nothing moves."""
        return self.left / self.a_second if self.a_second else None


def order(session: Session, kind: str, customer: UUID, *, now: datetime) -> None:
    """Queue an order."""
    order_all(session, kind, select(Customer.id).where(Customer.id == customer), now=now)


def order_all(session: Session, kind: str, accounts: Select[UUID], *, now: datetime) -> None:
    """Queue an order for each of these accounts, by the database alone, however many there are."""
    whom = accounts.subquery()
    [account] = whom.c
    mine, moment = StoreOperation.customer_id == account, literal(now, Moment())
    last = select(func.max(StoreOperation.epoch)).where(mine).scalar_subquery()
    # Not due before an earlier one is: thousands that only wait would stand in front of what they wait for.
    due = select(func.max(StoreOperation.due_at)).where(
        mine, StoreOperation.state == QUEUED, StoreOperation.due_at > now
    )
    values = {"customer_id": account, "kind": literal(kind), "epoch": func.coalesce(last, 0) + 1}
    values |= {"state": literal(QUEUED), "takes": literal(0), "ordered_at": moment}
    values["due_at"] = func.coalesce(due.scalar_subquery(), moment)
    copied(session, StoreOperation, **values)


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether an order can be taken."""
    return session.scalar(select(StoreOperation.id).where(*_due(now)).limit(1)) is not None


def take(session: Session, *, most: int, now: datetime) -> list[StoreOperation]:
    """The next due orders, for this worker alone until their lease ends; of each account the first only."""
    # Only among the oldest, whose turn it is: before PostgreSQL has counted the queue it would ask that of all.
    ripe = select(StoreOperation.id).where(StoreOperation.state == QUEUED, StoreOperation.due_at <= now)
    oldest = ripe.order_by(StoreOperation.due_at).limit(WINDOW).subquery()
    due = select(StoreOperation).where(StoreOperation.id.in_(select(oldest.c.id)), *_due(now)).limit(most)
    taken = list(session.scalars(due.with_for_update(skip_locked=True)))
    for operation in taken:
        operation.due_at = now + LEASE
        operation.takes += 1
    return taken


def done(session: Session, operations: Collection[UUID], *, now: datetime) -> None:
    """These were carried out."""
    mine = update(StoreOperation).where(StoreOperation.id.in_(operations))
    changed(session, mine.values(state=DONE, done_at=now))


def put_back(session: Session, operation: StoreOperation, *, due_at: datetime) -> None:
    """It was not carried out, and is due again then; the account's later ones no sooner."""
    mine = update(StoreOperation).where(StoreOperation.customer_id == operation.customer_id)
    these = or_(StoreOperation.id == operation.id, StoreOperation.due_at < due_at)
    changed(session, mine.where(StoreOperation.state == QUEUED, these).values(due_at=due_at))


def pause_after(takes: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, and never all at the same moment."""
    doubled: int = 2 ** min(takes, MOST_DOUBLINGS)
    return min(SHORTEST_PAUSE * doubled, LONGEST_PAUSE) * chance.uniform(0.5, 1)


def progress(session: Session, kind: str, *, now: datetime) -> Progress:
    """How far the orders of this kind are."""
    mine = select(func.count()).where(StoreOperation.kind == kind)
    queued = mine.where(StoreOperation.state == QUEUED)
    lately = session.scalar(mine.where(StoreOperation.done_at > now - SAMPLE)) or 0
    first = session.scalar(
        select(func.min(StoreOperation.done_at)).where(
            StoreOperation.kind == kind, StoreOperation.done_at > now - SAMPLE
        )
    )
    took = max(1.0, (now - first).total_seconds()) if first else 1.0
    total, left = session.scalar(mine) or 0, session.scalar(queued) or 0
    return Progress(total, total - left, session.scalar(queued.where(StoreOperation.takes > 1)) or 0, lately / took)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    other = aliased(StoreOperation)
    # “Not done”, for PostgreSQL would read all of the index of what is queued for each order, before it has counted it.
    queued = select(func.min(other.epoch)).where(other.customer_id == StoreOperation.customer_id, other.state != DONE)
    # A number, not “none exists”: for that PostgreSQL would read the whole queue before it gives the first order.
    first = queued.scalar_subquery() == StoreOperation.epoch
    return StoreOperation.state == QUEUED, StoreOperation.due_at <= now, first
