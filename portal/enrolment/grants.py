"""Grants: one for each person and incident; a code, or a place in line until there is one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.identity import addresses
from portal.identity.customers import ADDRESS_INDEX
from portal.sealing import KeyRing
from portal.tokens import fresh_id

WAITS = text("granted_at is null")


class Grant(Base):
    """What a person got or waits for; `place` counts those who ever waited for this offer.

    `instead_of` is how the code ended that this person had before, where it was replaced.
    """

    __tablename__ = "code_grant"
    __table_args__ = (
        CheckConstraint("granted_at is not null or place is not null", name="waits"),
        UniqueConstraint("offer", "place"),
        Index("ix_code_grant_waiting", "offer", "place", sqlite_where=WAITS, postgresql_where=WAITS),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=keyed.index(ADDRESS_INDEX))
    offer: Mapped[str] = mapped_column(String(40))
    origin: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime]
    place: Mapped[int | None]
    granted_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    instead_of: Mapped[str | None] = mapped_column(String(4))


@dataclass(frozen=True)
class Person:
    """Whoever proved an address: its index under the current key, and under every live one."""

    key_id: int
    index: bytes
    indexes: tuple[bytes, ...]


def person_at(keys: KeyRing, address: str) -> Person:
    """The person behind a stored address."""
    indexes = keys.macs(ADDRESS_INDEX, addresses.read(address).canonical)
    return Person(keys.current, indexes[keys.current], tuple(indexes.values()))


# What a person has, whichever key it was written under; and who waits for an offer.
OF = select(Grant).where(Grant.email_index.in_(bindparam("indexes", expanding=True)))
IN_LINE = select(Grant).where(Grant.offer == bindparam("offer"), Grant.granted_at.is_(None))


def follow(session: Session, keys: KeyRing, left: Collection[bytes], index: bytes) -> None:
    """Let what a person has go along to another index; whoever has something there already keeps just that."""
    if session.scalar(select(Grant.id).where(Grant.email_index == index)) is None:
        first = select(Grant.id).where(Grant.email_index.in_(left)).order_by(Grant.asked_at, Grant.id).limit(1)
        mine = update(Grant).where(Grant.id == first.scalar_subquery())
        changed(session, mine.values(key_id=keys.current, email_index=index))


def find(session: Session, person: Person) -> Grant | None:
    """What this person has, or None."""
    return session.scalar(OF, {"indexes": person.indexes})


def get(session: Session, person: Person) -> Grant:
    """What this person has, who has something."""
    return session.scalars(OF, {"indexes": person.indexes}).one()


def ahead_of(session: Session, grant: Grant) -> int:
    """How many wait before this one; none before one that has its code."""
    if grant.granted_at:
        return 0
    before = IN_LINE.where(Grant.place < grant.place).with_only_columns(func.count(Grant.id))
    return session.scalar(before, {"offer": grant.offer}) or 0


def first_waiting(session: Session, offer: str) -> Grant | None:
    """Whose turn it is."""
    return session.scalar(IN_LINE.order_by(Grant.place).limit(1), {"offer": offer})


def waited_for(session: Session) -> list[str]:
    """The offers that somebody waits for."""
    return list(session.scalars(select(Grant.offer).where(Grant.granted_at.is_(None)).distinct().order_by(Grant.offer)))


def waiting(session: Session) -> dict[str, int]:
    """How many wait, by offer."""
    counted = select(Grant.offer, func.count(Grant.id)).where(Grant.granted_at.is_(None)).group_by(Grant.offer)
    return dict(session.execute(counted).all())


def last_place(session: Session, offer: str) -> int:
    """The last place that was given away, or 0."""
    return session.scalar(select(func.max(Grant.place)).where(Grant.offer == offer)) or 0


def note_shown(session: Session, grant: Grant, *, now: datetime) -> None:
    """The person has seen the code; the first time counts."""
    changed(session, update(Grant).where(Grant.id == grant.id, Grant.shown_at.is_(None)).values(shown_at=now))
