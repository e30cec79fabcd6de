"""The figures of asking: how many requests wait for the worker, and for how long."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.figures import Figure, seconds_since
from portal.identity.links import QUEUED, LinkRequest


def count(session: Session, now: datetime) -> Iterator[Figure]:
    """The requests that nobody answered yet, and the wait of the oldest."""
    waiting = select(func.count(), func.min(LinkRequest.asked_at))
    unanswered = waiting.where(LinkRequest.state == QUEUED, LinkRequest.answered_at.is_(None))
    number, oldest = session.execute(unanswered).one()
    yield Figure("portal_requests_waiting", "Requests for a letter that wait for the worker.", number)
    says = "Seconds that the oldest of them has waited."
    yield Figure("portal_request_lag_seconds", says, seconds_since(oldest, now))
