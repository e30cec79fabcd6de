"""Claims: one member works on a case at a time, for a quarter of an hour since the last act (STF-12)."""

from datetime import datetime

from sqlalchemy import Update, or_, update
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases.case import CLOSED, LEASE, NEW, OPEN, Case, CaseMoved
from portal.cases.reasons import Handing
from portal.database import changed


def claim(session: Session, case: Case, version: int, *, by: str, now: datetime) -> int:
    """Take a case that nobody else holds, or hold one's own longer: returns its version; raises CaseMoved.

    With its first claim a new case is in work.
    """
    free = or_(Case.claimed_by.is_(None), Case.claimed_by == by, Case.claimed_until <= now)
    mine = update(Case).where(Case.id == case.id, Case.version == version, Case.state != CLOSED, free)
    in_work = when((Case.state == NEW, OPEN), else_=Case.state)
    _taken(session, mine.values(state=in_work, claimed_by=by, claimed_until=now + LEASE, version=version + 1))
    trail.record(session, Event.CASE_CLAIMED, now=now, actor=by, subject=case.subject)
    return version + 1


def assign(session: Session, case: Case, version: int, *, to: str, why: Handing, by: str, now: datetime) -> int:
    """Lay a case on somebody's desk, whoever held it: returns its version; raises CaseMoved."""
    mine = update(Case).where(Case.id == case.id, Case.version == version, Case.state != CLOSED)
    _taken(session, mine.values(claimed_by=to, claimed_until=now + LEASE, version=version + 1))
    trail.record(session, Event.CASE_ASSIGNED, now=now, actor=by, subject=case.subject, to=to, why=why.value)
    return version + 1


def release(session: Session, case: Case, version: int, *, by: str) -> int:
    """Give a case back: returns its version; raises CaseMoved."""
    mine = update(Case).where(Case.id == case.id, Case.version == version, Case.claimed_by == by)
    _taken(session, mine.values(claimed_by=None, claimed_until=None, version=version + 1))
    return version + 1


def _taken(session: Session, claiming: Update) -> None:
    if changed(session, claiming) != 1:
        raise CaseMoved
