"""The feed: every change of a duty in one order; whoever has read up to a place has missed nothing before it."""

# A change gets its place after it was committed, and by one transaction at a time: numbers that changes gave themselves
# could be committed in another order, and a reader would pass by those that come late.

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base, changed, inserted
from portal.gate import standing
from portal.gate.standing import Standing
from portal.identity.customers import Customer
from portal.reset.obligations import Obligation

BATCH = 5_000
ONLY = 1
ERA = 2**40  # a restored database counts on from the next multiple: what it gave after its backup is another's


class GateFeed(Base):
    """One row: the last place that was given; it only grows, and who holds it gives places alone."""

    __tablename__ = "gate_feed"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Change:
    """An account whose duties changed, and how it stands now."""

    customer: UUID
    sealed: bytes
    standing: Standing


@dataclass(frozen=True)
class Page:
    """Some changes in their order, the place up to which they were read, and whether there are more now."""

    changes: Sequence[Change]
    place: int
    more: bool


def is_news(session: Session) -> bool:
    """Whether a change waits for its place."""
    return session.scalar(select(Obligation.id).where(Obligation.place.is_(None)).limit(1)) is not None


def number(session: Session) -> bool:
    """Give the next changes their places; whether there may be more."""
    first = _reserve(session) - BATCH
    news = select(Obligation.id, func.row_number().over(order_by=Obligation.id).label("turn"))
    chosen = news.where(Obligation.place.is_(None)).order_by(Obligation.id).limit(BATCH).subquery()
    placed = update(Obligation).where(Obligation.id == chosen.c.id).values(place=first + chosen.c.turn)
    return changed(session, placed) == BATCH


def last(session: Session) -> int:
    """The last place that was given."""
    return session.scalar(select(GateFeed.last)) or 0


def begin_era(session: Session) -> None:
    """Give no place again that may have been told since this database was backed up."""
    changed(session, update(GateFeed).values(last=(GateFeed.last // ERA + 1) * ERA))


def was_told(session: Session, place: int) -> bool:
    """Whether this database gave this place, or one behind it; not one that was lost with a machine."""
    newest = last(session)
    era = newest - newest % ERA
    before = select(Obligation.id).where(Obligation.place >= place, Obligation.place < era)
    return era <= place <= newest or session.scalar(before.limit(1)) is not None


def read(session: Session, brand: str, *, after: int, limit: int) -> Page:
    """The brand's changes behind a place, each account once; two queries."""
    rows = session.execute(
        select(Obligation.place, Customer.id, Customer.ref_sealed)
        .join(Customer, Customer.id == Obligation.customer_id)
        .where(Obligation.place > after, Customer.brand == brand)
        .order_by(Obligation.place)
        .limit(limit)
    ).all()
    references = {customer: sealed for _, customer, sealed in reversed(rows)}
    stands = standing.of_customers(session, references)
    found = [Change(customer, sealed, stands[customer]) for customer, sealed in reversed(references.items())]
    return Page(found, (rows[-1][0] or after) if rows else after, len(rows) == limit)


def _reserve(session: Session) -> int:
    inserted(session, GateFeed, id=ONLY, last=0)
    forward = update(GateFeed).values(last=GateFeed.last + BATCH).returning(GateFeed.last)
    return session.scalars(forward).one()
