"""Forgetting: what members left behind is kept only as long as somebody may still ask about it (OPS-06)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from portal.database import changed
from portal.limits import MEMBER_CODE_TRIES
from portal.members import challenges, sign_ons
from portal.members.codes import MemberCodes
from portal.members.invitations import Invitation
from portal.members.sessions import MemberSession

# A day later, whoever was shut out or missed an invitation has asked; the trail knows the rest.
KEPT = timedelta(hours=24)
NOTHING = b""


def is_any_over(session: Session, *, now: datetime) -> bool:
    """Whether there is anything to forget."""
    looks = (
        select(MemberSession.id).where(_session_is_over(now)),
        select(Invitation.id).where(_invitation_is_over(now)),
        select(MemberCodes.member_id).where(*_codes_are_over(now)),
    )
    waits = challenges.is_any_over(session, now=now) or sign_ons.is_any_over(session, now=now)
    return waits or any(session.scalar(look.limit(1)) is not None for look in looks)


def forget(session: Session, *, now: datetime) -> bool:
    """Forget sessions and invitations that are long over, keys of codes that open nothing, and what nobody signed."""
    challenges.expire(session, now=now)
    sign_ons.expire(session, now=now)
    changed(session, delete(MemberSession).where(_session_is_over(now)))
    changed(session, delete(Invitation).where(_invitation_is_over(now)))
    # The row stays, so that nobody is given codes a second time.
    changed(session, update(MemberCodes).where(*_codes_are_over(now)).values(secret_sealed=NOTHING))
    return False


def _session_is_over(now: datetime) -> ColumnElement[bool]:
    return or_(MemberSession.ended_at <= now - KEPT, MemberSession.ends_at <= now - KEPT)


def _invitation_is_over(now: datetime) -> ColumnElement[bool]:
    return or_(Invitation.used_at <= now - KEPT, Invitation.expires_at <= now - KEPT)


def _codes_are_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    over = or_(MemberCodes.ends_at <= now, MemberCodes.tries >= MEMBER_CODE_TRIES)
    return over, MemberCodes.secret_sealed != NOTHING
