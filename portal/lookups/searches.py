"""Searches: each is one row, for a reason, and no member has more of them in an hour or a day than allowed (STF-08)."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base
from portal.limits import SEARCHES_PER_MEMBER, Limit
from portal.members.member import Member
from portal.tokens import fresh_id
from portal.turns import in_turn


class RecordSearch(Base):
    """One search; what was typed is kept nowhere. `refused`: it was one too many, and nobody was looked for."""

    __tablename__ = "record_search"
    __table_args__ = (Index("ix_record_search_member", "member_id", "at"), Index("ix_record_search_at", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id))
    finder: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    refused: Mapped[bool] = mapped_column(default=False)


def begin(session: Session, member: UUID, finder: str, reason: str, *, now: datetime) -> RecordSearch:
    """Write a search down before anybody is looked for; `refused` tells that it is one too many."""
    take_turn(session, member)
    search = RecordSearch(id=fresh_id(), member_id=member, finder=finder, reason=reason, at=now)
    search.refused = any(left <= 0 for _, left in left_to(session, member, now=now))
    session.add(search)
    session.flush()
    return search


def left_to(session: Session, member: UUID, *, now: datetime) -> list[tuple[Limit, int]]:
    """How many searches a member has left, by each limit."""
    return [(limit, limit.amount - used(session, member, limit, now=now)) for limit in SEARCHES_PER_MEMBER]


def used(session: Session, member: UUID, limit: Limit, *, now: datetime) -> int:
    """How many searches of a member count against a limit."""
    mine = select(func.count()).select_from(RecordSearch).where(RecordSearch.member_id == member)
    within = RecordSearch.at > now - timedelta(seconds=limit.per)
    return session.scalar(mine.where(within, RecordSearch.refused.is_(False))) or 0


def get_own(session: Session, number: UUID, member: UUID, *, since: datetime) -> RecordSearch | None:
    """A member's own search, if it is not older than this moment."""
    mine = select(RecordSearch).where(RecordSearch.id == number, RecordSearch.member_id == member)
    return session.scalar(mine.where(RecordSearch.at > since, RecordSearch.refused.is_(False)))


def take_turn(session: Session, member: UUID) -> None:
    """Let what this member does at the same moment be counted one after the other."""
    in_turn(session, sha256(b"look-ups of " + member.bytes).digest())
