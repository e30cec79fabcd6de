"""Consequences of a revision: who must reset from now on, and who no longer; in batches, resumed where it stopped."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort.exposures import Exposure
from portal.cohort.result import AccountAnswer
from portal.cohort.tally import WITHDRAWN
from portal.database import Base, in_turn
from portal.identity.customers import Customer
from portal.incident.revisions import COMMITTED, Revision
from portal.incident.rules import AFFECTED, NOT_AFFECTED
from portal.reset import obligations, operations
from portal.reset.obligations import Obligation

BATCH = 200
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
    batch = [(customer, result) for customer, result in session.execute(_changed_by(consequence))]
    _follow(session, batch, consequence.revision, now)
    consequence.up_to = batch[-1][0].id if batch else consequence.up_to
    if len(batch) < BATCH:
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
        mine = [(answer.customer, answer.result) for answer in told if answer.since == number]
        _follow(session, mine, number, now)


def _follow(session: Session, said: Sequence[tuple[Customer, str]], revision: int, now: datetime) -> None:
    everybody = [customer.id for customer, _ in said]
    owing = obligations.owing(session, everybody)
    settled = obligations.settled_of(session, everybody, revision)
    for customer, result in said:
        has_log_in = not customer.guest and not customer.social
        if result == AFFECTED and has_log_in and customer.id not in owing | settled:
            session.add(Obligation(customer_id=customer.id, revision=revision, since=now))
            operations.order(session, operations.EXPIRE, customer.id, now=now)
        elif result in (NOT_AFFECTED, WITHDRAWN) and customer.id in owing:
            _withdraw(session, customer.id, now)


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


def _changed_by(consequence: Consequence) -> Select[Customer, str]:
    changed = (
        select(Customer, Exposure.result)
        .join(Exposure, Exposure.customer_id == Customer.id)
        .where(Exposure.from_revision == consequence.revision, Exposure.result.in_((AFFECTED, NOT_AFFECTED)))
    )
    if consequence.up_to:
        changed = changed.where(Customer.id > consequence.up_to)
    return changed.order_by(Customer.id).limit(BATCH)
