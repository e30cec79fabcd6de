"""Forgetting: what members left behind is kept only as long as somebody may still ask about it (OPS-06)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from portal.database import changed
from portal.limits import MEMBER_CODE_TRIES
from portal.members.challenges import Challenge
from portal.members.codes import MemberCodes
from portal.members.invitations import Invitation
from portal.members.sessions import MemberSession
from portal.members.sign_ons import SignOn
from portal.retention import Rule, rows

# A day later, whoever was shut out or missed an invitation has asked; the trail knows the rest.
KEPT = timedelta(hours=24)
NOTHING = b""


def rules() -> list[Rule]:
    """Sessions and invitations that are long over, what nobody signed, and keys of codes that open nothing."""
    return [
        rows("sessions of members", MemberSession, _session_is_over),
        rows("invitations of members", Invitation, _invitation_is_over),
        rows("challenges that nobody signed", Challenge, lambda now: Challenge.expires_at <= now),
        rows("sign-ins that nobody came back from", SignOn, lambda now: SignOn.expires_at <= now),
        # The row stays, so that nobody is given codes a second time.
        Rule("keys of codes that open nothing", _codes_over, _forget_codes),
    ]


def _session_is_over(now: datetime) -> ColumnElement[bool]:
    return or_(MemberSession.ended_at <= now - KEPT, MemberSession.ends_at <= now - KEPT)


def _invitation_is_over(now: datetime) -> ColumnElement[bool]:
    return or_(Invitation.used_at <= now - KEPT, Invitation.expires_at <= now - KEPT)


def _codes_are_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    over = or_(MemberCodes.ends_at <= now, MemberCodes.tries >= MEMBER_CODE_TRIES)
    return over, MemberCodes.secret_sealed != NOTHING


def _codes_over(now: datetime) -> Select[Any]:
    return select(MemberCodes.member_id).where(*_codes_are_over(now))


def _forget_codes(session: Session, now: datetime) -> int:
    return changed(session, update(MemberCodes).where(*_codes_are_over(now)).values(secret_sealed=NOTHING))
