"""Forgetting: a day after its answer nothing is left of a request, its letter and the visit that it opened (OPS-06)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.database import changed
from portal.identity.links import OPEN, LinkRequest
from portal.identity.visits import Visit
from portal.mail import outbox
from portal.retention import Rule

KEPT = timedelta(hours=24)  # for as long the limits look back
STEP = 200  # a tenth of a second on SQLite, where whoever writes waits for it


def rule() -> Rule:
    """Every visit has its request, and goes with it: later only where it is still alive then."""
    return Rule("requests for links, with their letters and visits", _over, _forget_some, look=_next)


def _over(now: datetime) -> Select[Any]:
    closed = or_(LinkRequest.state.not_in(OPEN), LinkRequest.expires_at <= now)
    answered = func.coalesce(LinkRequest.answered_at, LinkRequest.asked_at)
    alive = (Visit.link_request_id == LinkRequest.id, Visit.ended_at.is_(None), Visit.ends_at > now)
    return select(LinkRequest.id).where(closed, answered <= now - KEPT, ~select(Visit.id).where(*alive).exists())


def _next(now: datetime) -> Select[Any]:
    # Among the oldest alone: there is no index of answers, and each request would have to pay for one.
    older = aliased(LinkRequest)
    return _over(now).where(LinkRequest.id.in_(select(older.id).order_by(older.id).limit(STEP)))


def _forget_some(session: Session, now: datetime) -> int:
    over = list(session.scalars(_next(now).with_for_update(skip_locked=True)))
    changed(session, delete(Visit).where(Visit.link_request_id.in_(over)))
    outbox.forget(session, over)
    return changed(session, delete(LinkRequest).where(LinkRequest.id.in_(over)))
