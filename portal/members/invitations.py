"""Invitations: a link to a member's mailbox that is good once, and lets a passkey be registered."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.members.member import Member
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_public_id, fresh_token, is_public_id, is_token

LIFETIME = timedelta(hours=24)
PURPOSE = "invitation"


class Invitation(Base):
    """One link; only the digest of its secret is stored."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_member_id", "member_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    allows_codes: Mapped[bool] = mapped_column(default=False)  # for a device that makes no passkeys yet
    used_at: Mapped[datetime | None]


def issue(
    session: Session, keys: KeyRing, member: Member, *, allows_codes: bool = False, now: datetime
) -> tuple[Invitation, str]:
    """A new invitation and its secret; the member's earlier ones end."""
    changed(session, delete(Invitation).where(Invitation.member_id == member.id, Invitation.used_at.is_(None)))
    public_id, token = fresh_public_id(), fresh_token()
    invitation = Invitation(id=fresh_id(), public_id=public_id, key_id=keys.current, member_id=member.id)
    invitation.token_digest = keys.mac(PURPOSE, public_id, token)
    invitation.created_at, invitation.expires_at = now, now + LIFETIME
    invitation.allows_codes = allows_codes
    session.add(invitation)
    return invitation, token


def find(session: Session, keys: KeyRing, public_id: str, token: str, *, now: datetime) -> Invitation | None:
    """The invitation of this link, if it is still good; finding spends nothing."""
    if not (is_public_id(public_id) and is_token(token)):
        return None
    named = select(Invitation).join(Member).where(Invitation.public_id == public_id, Member.disabled_at.is_(None))
    told = keys.macs(PURPOSE, public_id, token).values()
    good = named.where(Invitation.token_digest.in_(told), Invitation.used_at.is_(None), Invitation.expires_at > now)
    return session.scalar(good)


def spend(session: Session, invitation: Invitation, *, now: datetime) -> bool:
    """Use it up; False if somebody else was faster."""
    good = update(Invitation).where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
    return changed(session, good.where(Invitation.expires_at > now).values(used_at=now)) == 1
