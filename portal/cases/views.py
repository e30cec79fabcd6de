"""Views: looks at the desk that a member keeps under names of their own."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, and_, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base, changed
from portal.members.member import Member
from portal.tokens import fresh_id
from portal.turns import in_turn

MOST, LONGEST_NAME = 20, 40


class TooManyViews(Exception):
    """A desk with more of them would be no shorter way."""


class DeskView(Base):
    """One look; `query` holds the filters as the address of the desk has them, nothing of a customer."""

    __tablename__ = "desk_view"
    __table_args__ = (UniqueConstraint("member_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(200))


def keep(session: Session, member: UUID, name: str, query: str) -> UUID:
    """Keep a look, in place of one with this name; raises TooManyViews."""
    in_turn(session, sha256(b"views of " + member.bytes).digest())
    changed(session, delete(DeskView).where(DeskView.member_id == member, DeskView.name == name))
    if (session.scalar(select(func.count()).where(DeskView.member_id == member)) or 0) >= MOST:
        raise TooManyViews
    view = DeskView(id=fresh_id(), member_id=member, name=name, query=query)
    session.add(view)
    return view.id


def get_own(session: Session, member: UUID, view: UUID) -> DeskView | None:
    """A look of this member's own."""
    return session.scalar(select(DeskView).where(DeskView.member_id == member, DeskView.id == view))


def drop(session: Session, member: UUID, view: UUID) -> None:
    """Forget a look of this member's own."""
    changed(session, delete(DeskView).where(DeskView.member_id == member, DeskView.id == view))


def beside(session: Session, member: UUID) -> tuple[dict[str, str], list[DeskView]]:
    """What stands beside the queue, by one question: everybody's name, and this member's looks."""
    own = and_(DeskView.member_id == Member.id, Member.id == member)
    rows = session.execute(select(Member, DeskView).join(DeskView, own, isouter=True).order_by(DeskView.name)).all()
    return {person.actor: person.name for person, _ in rows}, [view for _, view in rows if view]
