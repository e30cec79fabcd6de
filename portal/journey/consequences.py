"""Consequences of a revision: who must reset from now on, and who no longer; in batches, resumed where it stopped."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort.exposures import Exposure
from portal.database import Base
from portal.identity.customers import Customer
from portal.incident.revisions import COMMITTED, Revision
from portal.incident.rules import AFFECTED, NOT_AFFECTED
from portal.reset import obligations, operations
from portal.reset.obligations import Obligation

BATCH = 200


class Consequence(Base):
    """How far a revision's consequences were drawn: up to which account, and when they were whole."""

    __tablename__ = "consequence"

    revision: Mapped[int] = mapped_column(ForeignKey(Revision.number), primary_key=True)
    up_to: Mapped[UUID | None]
    done_at: Mapped[datetime | None]


def draw(session: Session, *, now: datetime) -> bool:
    """Draw the next batch, oldest revision first; False where nothing is left."""
    consequence = _next(session)
    if consequence is None:
        return False
    batch = list(session.execute(_changed_by(consequence)))
    owing = obligations.owing(session, [customer.id for customer, _ in batch])
    for customer, result in batch:
        if result == AFFECTED and not customer.guest and not customer.social:
            _oblige(session, customer.id, consequence.revision, customer.id in owing, now)
        elif result == NOT_AFFECTED:
            obligations.settle(session, customer.id, obligations.WITHDRAWN, now=now)
        consequence.up_to = customer.id
    if len(batch) < BATCH:
        consequence.done_at = now
        subject = f"revision:{consequence.revision}"
        trail.record(session, Event.RESET_OWED, now=now, actor=trail.WORKER, subject=subject)
    return True


def _oblige(session: Session, customer: UUID, revision: int, owes_already: bool, now: datetime) -> None:
    if not owes_already:
        session.add(Obligation(customer_id=customer, revision=revision, since=now))
        operations.order(session, operations.EXPIRE, customer, now=now)


def _next(session: Session) -> Consequence | None:
    begun = select(Consequence.revision)
    fresh = select(Revision.number).where(Revision.state == COMMITTED, Revision.number.not_in(begun))
    for number in session.scalars(fresh):
        session.add(Consequence(revision=number))
    session.flush()
    undone = select(Consequence).where(Consequence.done_at.is_(None)).order_by(Consequence.revision)
    return session.scalar(undone.limit(1).with_for_update(skip_locked=True))


def _changed_by(consequence: Consequence) -> Select[Customer, str]:
    changed = (
        select(Customer, Exposure.result)
        .join(Exposure, Exposure.customer_id == Customer.id)
        .where(Exposure.from_revision == consequence.revision, Exposure.result.in_((AFFECTED, NOT_AFFECTED)))
    )
    if consequence.up_to:
        changed = changed.where(Customer.id > consequence.up_to)
    return changed.order_by(Customer.id).limit(BATCH)
