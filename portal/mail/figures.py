"""The figures of the outbox: letters by state, and how far the sending is behind."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.figures import Figure, seconds_since
from portal.mail.outbox import BOUNCED, DROPPED, FAILED, OPEN, QUEUED, SENDING, SENT, Letter

STATES = (QUEUED, SENDING, SENT, FAILED, BOUNCED, DROPPED)


def count(session: Session, now: datetime) -> Iterator[Figure]:
    """Letters by state, and the wait of the one that has been due for the longest."""
    found = session.execute(select(Letter.state, func.count()).group_by(Letter.state)).all()
    held = dict.fromkeys(STATES, 0.0) | {state: float(number) for state, number in found}
    yield Figure("portal_letters", "Letters by state.", by="state", values=held)
    due = session.scalar(select(func.min(Letter.due_at)).where(Letter.state.in_(OPEN), Letter.due_at <= now))
    says = "Seconds that the oldest due letter has waited for the worker."
    yield Figure("portal_letter_lag_seconds", says, seconds_since(due, now))
