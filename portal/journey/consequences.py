"""Consequences of a revision: who must reset from now on, and who no longer; in batches, resumed where it stopped."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort.exposures import Exposure
from portal.cohort.result import AccountAnswer
from portal.database import Base
from portal.identity.customers import Customer
from portal.incident.revisions import COMMITTED, Revision
from portal.incident.rules import AFFECTED, NOT_AFFECTED
from portal.reset import obligations, operations
from portal.turns import in_turn

BATCH = 500  # a few hundredths of a second, in which nobody else writes to SQLite
TURN = b"consequences"  # two workers draw one after the other, so that a later revision never overtakes


class Consequence(Base):
    """How far a revision's consequences were drawn: up to which account, and when they were whole."""

    __tablename__ = "consequence"

    revision: Mapped[int] = mapped_column(ForeignKey(Revision.number), primary_key=True)
    up_to: Mapped[UUID | None]
    done_at: Mapped[datetime | None]


def is_any_left(session: Session) -> bool:
    """Whether a committed revision's consequences are not whole yet."""
    whole = select(Consequence.revision).where(Consequence.done_at.is_not(None))
    left = select(Revision.number).where(Revision.state == COMMITTED, Revision.number.not_in(whole))
    return session.scalar(left.limit(1)) is not None


def draw(session: Session, *, now: datetime) -> bool:
    """Draw the next batch, oldest revision first; False where nothing is left."""
    in_turn(session, TURN)
    consequence = _next(session)
    if consequence is None:
        return False
    rest = Exposure.customer_id > consequence.up_to if consequence.up_to else Exposure.customer_id.is_not(None)
    last = _last_of_batch(session, consequence.revision, rest)
    _follow(session, consequence.revision, [rest, Exposure.customer_id <= last] if last else [rest], now)
    consequence.up_to = last or consequence.up_to
    if last is None:
        consequence.done_at = now
        subject = f"revision {consequence.revision}"
        trail.record(session, Event.RESET_OWED, now=now, actor=trail.WORKER, subject=subject)
    return True


def draw_now(session: Session, told: Sequence[AccountAnswer], *, now: datetime) -> None:
    """Draw them for a visitor's accounts at once, where the worker has not come so far: nobody is told too little."""
    drawn = select(Consequence.revision).where(Consequence.done_at.is_not(None))
    ahead = set(
        session.scalars(select(Revision.number).where(Revision.state == COMMITTED, Revision.number.not_in(drawn)))
    )
    if ahead:
        in_turn(session, TURN)
    for number in sorted(ahead):
        mine = [answer.customer.id for answer in told if answer.since == number]
        if mine:
            _follow(session, number, [Exposure.customer_id.in_(mine)], now)


def _follow(session: Session, revision: int, whose: Sequence[ColumnElement[bool]], now: datetime) -> None:
    """What the database copies from its own tables costs no memory here, and little time."""
    who = Exposure.customer_id
    told = select(who).where(Exposure.from_revision == revision, *whose)
    has_log_in = select(Customer.id).where(~Customer.guest, ~Customer.social, Customer.id == who).exists()
    new = told.where(Exposure.result == AFFECTED, has_log_in, obligations.is_new(who, revision))
    operations.order_all(session, operations.EXPIRE, new, now=now)
    obligations.oblige_all(session, revision, new, now=now)
    spared = set(session.scalars(told.where(Exposure.result == NOT_AFFECTED, obligations.owes(who))))
    for customer in sorted(spared):
        _withdraw(session, customer, now)


def _withdraw(session: Session, customer: UUID, now: datetime) -> None:
    obligations.settle(session, customer, obligations.WITHDRAWN, now=now)
    operations.order(session, operations.RELEASE, customer, now=now)
    said = {"subject": f"account:{customer}", "reason": obligations.WITHDRAWN}
    trail.record(session, Event.RESET_NEEDLESS, now=now, actor=trail.WORKER, **said)


def _next(session: Session) -> Consequence | None:
    begun = select(Consequence.revision)
    fresh = select(Revision.number).where(Revision.state == COMMITTED, Revision.number.not_in(begun))
    for number in session.scalars(fresh):
        session.add(Consequence(revision=number))
    session.flush()
    undone = select(Consequence).where(Consequence.done_at.is_(None)).order_by(Consequence.revision)
    return session.scalar(undone.limit(1))


def _last_of_batch(session: Session, revision: int, rest: ColumnElement[bool]) -> UUID | None:
    """The account that ends a whole batch; None where fewer are left."""
    changed: Select[UUID] = select(Exposure.customer_id).where(
        Exposure.from_revision == revision, Exposure.result.in_((AFFECTED, NOT_AFFECTED)), rest
    )
    return session.scalar(changed.order_by(Exposure.customer_id).offset(BATCH - 1).limit(1))
