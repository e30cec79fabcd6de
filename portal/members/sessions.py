"""Sessions of members: one at a time, bound to a network, over at once when the member is disabled (STF-15, STF-16)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.members.member import Member
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_token, is_token

IDLE = timedelta(minutes=15)  # ASVS 5.0, 7.3.1
ABSOLUTE = timedelta(hours=8)  # ASVS 5.0, 7.3.2
FRESH = timedelta(minutes=5)  # how old a passkey's proof may be for a dangerous act; ASVS 5.0, 7.5.3
TOUCH = timedelta(seconds=30)
PURPOSE = "member cookie"
PASSKEY, TOTP, OIDC = "passkey", "totp", "oidc"
OPEN = text("ended_at is null")


class MemberSession(Base):
    """One session; only the digest of its cookie is stored."""

    __tablename__ = "member_session"
    __table_args__ = (
        CheckConstraint("how in ('passkey', 'totp', 'oidc')", name="how"),
        Index("uq_member_session_open", "member_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    cookie_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=keyed.digest("ends_at"))
    network: Mapped[str] = mapped_column(String(50))
    how: Mapped[str] = mapped_column(String(8))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    stepped_up_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    def is_fresh(self, now: datetime) -> bool:
        """Whether a passkey was shown within five minutes (STF-03).

        Of the ways in, a passkey alone makes a session fresh: what it signs was asked by a page of ours for this
        member, while the company's sign-in may let a browser pass that was signed in there by somebody else's hands,
        and the code of an app can be read out to whoever asks for it.
        """
        return self.stepped_up_at is not None and now - self.stepped_up_at <= FRESH

    def is_new(self, now: datetime) -> bool:
        """Whether it began within five minutes, whichever way: so long a first passkey needs no other."""
        return now - self.opened_at <= FRESH


@dataclass(frozen=True)
class Present:
    """A member who is signed in."""

    member: Member
    session: MemberSession


def open_session(session: Session, keys: KeyRing, member: Member, network: str, how: str, *, now: datetime) -> str:
    """End the member's other session and begin a new one; returns the new cookie's value."""
    # Two who sign in at once take turns, or both would begin before either ended.
    session.execute(select(Member.id).where(Member.id == member.id).with_for_update())
    end_those_of(session, member.id, now=now)
    cookie = fresh_token()
    begun = MemberSession(member_id=member.id, network=network, how=how, key_id=keys.current)
    begun.cookie_digest = keys.mac(PURPOSE, cookie)
    begun.opened_at = begun.seen_at = now
    begun.ends_at = now + ABSOLUTE
    begun.stepped_up_at = now if how == PASSKEY else None
    session.add(begun)
    return cookie


def find(session: Session, keys: KeyRing, cookie: str, *, now: datetime) -> Present | None:
    """Who is signed in by this cookie, from whichever network; None if nobody may be."""
    if not is_token(cookie):
        return None
    told = keys.macs(PURPOSE, cookie).values()
    named = select(Member, MemberSession).join(MemberSession).where(MemberSession.cookie_digest.in_(told))
    living = named.where(MemberSession.ended_at.is_(None), MemberSession.ends_at > now, Member.disabled_at.is_(None))
    found = session.execute(living.where(MemberSession.seen_at > now - IDLE)).first()
    return Present(*found) if found else None


def touch(session: Session, present: Present, *, now: datetime) -> None:
    """Note that the member was seen; at most every half minute."""
    if now - present.session.seen_at > TOUCH:
        changed(session, update(MemberSession).where(MemberSession.id == present.session.id).values(seen_at=now))


def step_up(session: Session, keys: KeyRing, present: Present, *, now: datetime) -> str:
    """A passkey was shown again: the session is fresh, by a new cookie (ASVS 5.0, 7.2.4), returned."""
    cookie = fresh_token()
    values = {"cookie_digest": keys.mac(PURPOSE, cookie), "key_id": keys.current, "stepped_up_at": now, "seen_at": now}
    changed(session, update(MemberSession).where(MemberSession.id == present.session.id).values(values))
    present.session.stepped_up_at = now
    return cookie


def end_those_of(session: Session, member_id: UUID, *, now: datetime) -> None:
    """End whatever the member has open."""
    own = update(MemberSession).where(MemberSession.member_id == member_id, MemberSession.ended_at.is_(None))
    changed(session, own.values(ended_at=now))
