"""Claims: one member works on a case at a time, for a quarter of an hour since the last act (STF-12)."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from portal.cases.case import CLOSED, Case, CaseMoved
from portal.database import changed

LEASE = timedelta(minutes=15)


def claim(session: Session, case: Case, version: int, *, by: str, now: datetime) -> int:
    """Take a case that nobody else holds, or hold one's own longer: returns its version; raises CaseMoved."""
    free = or_(Case.claimed_by.is_(None), Case.claimed_by == by, Case.claimed_until <= now)
    mine = update(Case).where(Case.id == case.id, Case.version == version, Case.state != CLOSED, free)
    if changed(session, mine.values(claimed_by=by, claimed_until=now + LEASE, version=version + 1)) != 1:
        raise CaseMoved
    return version + 1


def release(session: Session, case: Case, version: int, *, by: str) -> int:
    """Give a case back: returns its version; raises CaseMoved."""
    mine = update(Case).where(Case.id == case.id, Case.version == version, Case.claimed_by == by)
    if changed(session, mine.values(claimed_by=None, claimed_until=None, version=version + 1)) != 1:
        raise CaseMoved
    return version + 1
