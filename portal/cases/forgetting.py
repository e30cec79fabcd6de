"""Forgetting: a while after its end, nothing is left of a case but when it came, what it was about and how it ended."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases.case import CLOSED, Case
from portal.cases.messages import Message
from portal.database import changed

STEP = 100
NOBODYS: dict[str, Any] = {
    "phrase_digest": b"",  # fits no words
    "contact_sealed": None,
    "email_index": None,
    "email_sealed": None,
    "mailbox": None,
    "customer_id": None,
}


def is_any_over(session: Session, kept: timedelta, *, now: datetime) -> bool:
    """Whether a case has been closed for as long as it is kept."""
    return session.scalar(_over(kept, now).limit(1)) is not None


def forget_some(session: Session, kept: timedelta, *, now: datetime) -> bool:
    """Erase the words of the next cases and whose they were, and prove it in the trail; whether there may be more."""
    over = list(
        session.scalars(_over(kept, now).order_by(Case.closed_at).limit(STEP).with_for_update(skip_locked=True))
    )
    changed(session, delete(Message).where(Message.case_id.in_(over)))
    changed(session, update(Case).where(Case.id.in_(over)).values(**NOBODYS, erased_at=now, version=Case.version + 1))
    for case in over:
        trail.record(session, Event.CASE_FORGOTTEN, now=now, actor=trail.WORKER, subject=f"case:{case}")
    return len(over) == STEP


def _over(kept: timedelta, now: datetime) -> Select[Any]:
    return select(Case.id).where(Case.state == CLOSED, Case.closed_at <= now - kept, Case.erased_at.is_(None))
