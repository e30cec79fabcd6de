"""Acts upon members, each with its entry in the trail: what the command line and the console both do."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.members import member, sessions
from portal.members.member import Member
from portal.members.roles import Role


def disable(session: Session, person: Member, *, by: str, now: datetime) -> bool:
    """Shut the member out at once; False if that was so already."""
    if not member.disable(session, person, now=now):
        return False
    sessions.end_those_of(session, person.id, now=now)
    trail.record(session, Event.MEMBER_DISABLED, now=now, actor=by, subject=person.actor)
    return True


def enable(session: Session, person: Member, *, by: str, now: datetime) -> bool:
    """Let the member sign in again; False if that was so already."""
    if not member.enable(session, person):
        return False
    trail.record(session, Event.MEMBER_ENABLED, now=now, actor=by, subject=person.actor)
    return True


def give_roles(session: Session, person: Member, roles: Iterable[Role], *, by: str, now: datetime) -> None:
    """Let the member hold these roles and no others, at the next sign-in; raises RolesRefused."""
    before, held = person.roles, frozenset(roles)
    member.give_roles(session, person, held)
    sessions.end_those_of(session, person.id, now=now)
    said = {"before": before, "after": ",".join(sorted(held))}
    trail.record(session, Event.MEMBER_CHANGED, now=now, actor=by, subject=person.actor, **said)
