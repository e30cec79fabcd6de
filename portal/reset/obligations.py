"""Obligations: which account must set a new password, since when, by which revision; and how that ended."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    Update,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from portal.database import Base, Moment, changed, copied, inserted
from portal.identity.customers import Customer
from portal.incident.revisions import Revision
from portal.tokens import fresh_id

Account = InstrumentedAttribute[UUID]
IS_OPEN, IS_NEWS = text("settled_at is null"), text("place is null")
BY_CUSTOMER, CHANGED_SINCE, NO_PASSWORD, WITHDRAWN = "customer", "changed since", "no password", "withdrawn"
BY_COMPANY = "company"


class Obligation(Base):
    """One account's duty from one revision; open until `settled_at`.

    `passwords_before`: staff wants any password from before that moment gone; without it the incident says which.
    `epoch` grows with each change; `place` is the change's in the order that the gate tells, none until it has one.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("customer_id", "revision"),
        CheckConstraint("(settled_at is null) = (settled_by is null)", name="settled"),
        Index("ix_obligation_open", "customer_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_obligation_news", "id", sqlite_where=IS_NEWS, postgresql_where=IS_NEWS),
        Index("ix_obligation_place", "place", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    revision: Mapped[int] = mapped_column(ForeignKey(Revision.number))
    since: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(20))
    passwords_before: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    place: Mapped[int | None] = mapped_column(BigInteger)


def owing(session: Session, customers: Collection[UUID]) -> set[UUID]:
    """Those of these accounts that must still set a password."""
    still = select(Obligation.customer_id).where(Obligation.customer_id.in_(customers), Obligation.settled_at.is_(None))
    return set(session.scalars(still))


def owes(customer: Account) -> ColumnElement[bool]:
    """For a statement: that this account must still set a password."""
    return select(Obligation.id).where(Obligation.customer_id == customer, Obligation.settled_at.is_(None)).exists()


def is_new(customer: Account, revision: int) -> ColumnElement[bool]:
    """For a statement: that this account owes nothing yet, and that no duty of it from this revision has ended."""
    counts = Obligation.settled_at.is_(None) | (Obligation.revision == revision)
    # A number, not “none exists”: for that PostgreSQL would read all duties with each batch.
    return select(func.count()).where(Obligation.customer_id == customer, counts).scalar_subquery() == 0


def oblige_all(session: Session, revision: int, accounts: Select[UUID], *, now: datetime) -> None:
    """Let each of these accounts owe a new password, by the database alone, however many there are."""
    [account] = accounts.subquery().c
    copied(session, Obligation, customer_id=account, revision=literal(revision), since=literal(now, Moment()))


def settled(session: Session, customers: Collection[UUID]) -> set[UUID]:
    """Those of these accounts whose owner has set a new password here."""
    done = select(Obligation.customer_id).where(Obligation.customer_id.in_(customers))
    return set(session.scalars(done.where(Obligation.settled_by == BY_CUSTOMER)))


def of(session: Session, customer: UUID) -> Sequence[Obligation]:
    """Every duty of an account, the newest revision's first."""
    mine = select(Obligation).where(Obligation.customer_id == customer)
    return session.scalars(mine.order_by(Obligation.revision.desc())).all()


def cut_offs(session: Session, customers: Collection[UUID]) -> dict[UUID, datetime]:
    """Before which moment staff wants every password of these accounts gone; where staff wants nothing, nothing."""
    mine = select(Obligation.customer_id, Obligation.passwords_before).where(Obligation.customer_id.in_(customers))
    still = mine.where(Obligation.settled_at.is_(None)).order_by(Obligation.passwords_before)
    return {customer: before for customer, before in session.execute(still) if before}


def require(session: Session, customer: UUID, revision: int, *, now: datetime) -> bool:
    """Let an account owe a new password, whatever was settled before; False if staff wants that already."""
    if cut_offs(session, [customer]):
        return False
    values = {"since": now, "passwords_before": now}
    if inserted(session, Obligation, id=fresh_id(), customer_id=customer, revision=revision, **values):
        return True
    mine = update(Obligation).where(Obligation.customer_id == customer, Obligation.revision == revision)
    reopened = mine.where(Obligation.passwords_before.is_(None) | Obligation.settled_at.is_not(None))
    return changed(session, _altered(reopened, settled_at=None, settled_by=None, **values)) == 1


def settle(session: Session, customer: UUID, how: str, *, now: datetime) -> int:
    """End every open obligation of an account; returns how many there were."""
    mine = update(Obligation).where(Obligation.customer_id == customer, Obligation.settled_at.is_(None))
    return changed(session, _altered(mine, settled_at=now, settled_by=how))


def settle_as_of(session: Session, customer: UUID, epoch: int, how: str, *, now: datetime) -> bool:
    """End an account's duties as they stood at an epoch; False if anything changed since, and then nothing was done."""
    mine = select(Obligation).where(Obligation.customer_id == customer)
    held = session.scalars(mine.with_for_update()).all()
    if sum(one.epoch for one in held) != epoch:
        return False
    # By their ids: one that begins at this moment is none of those that were meant.
    meant = [one.id for one in held if one.settled_at is None]
    changed(session, _altered(update(Obligation).where(Obligation.id.in_(meant)), settled_at=now, settled_by=how))
    return True


def _altered(these: Update, **values: object) -> Update:
    return these.values(epoch=Obligation.epoch + 1, place=None, **values)
