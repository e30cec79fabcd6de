"""Forgetting: a while after its end, nothing is left of a case but when it came, what it was about and how it ended."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases.case import CLOSED, Case
from portal.cases.messages import Message
from portal.cases.proofing import AddressChange
from portal.database import changed
from portal.retention import Rule

STEP = 100
NETWORKS_KEPT = timedelta(days=7)
NOBODYS: dict[str, Any] = {
    "phrase_digest": b"",  # fits no words
    "contact_sealed": None,
    "email_index": None,
    "email_sealed": None,
    "mailbox": None,
    "customer_id": None,
}


def rules(kept: timedelta) -> list[Rule]:
    """Cases that have been closed for as long as they are kept, and networks that changes of address came from."""
    return [
        Rule("closed cases", partial(_over, kept), partial(_forget_cases, kept)),
        Rule("networks of changes of address", _networks_over, _forget_networks),
    ]


def _forget_cases(kept: timedelta, session: Session, now: datetime) -> int:
    """Erase the words of the next cases and whose they were, and prove it in the trail."""
    over = list(
        session.scalars(_over(kept, now).order_by(Case.closed_at).limit(STEP).with_for_update(skip_locked=True))
    )
    changed(session, delete(Message).where(Message.case_id.in_(over)))
    changed(session, update(Case).where(Case.id.in_(over)).values(**NOBODYS, erased_at=now, version=Case.version + 1))
    for case in over:
        trail.record(session, Event.CASE_FORGOTTEN, now=now, actor=trail.WORKER, subject=f"case:{case}")
    return len(over)


def _over(kept: timedelta, now: datetime) -> Select[Any]:
    return select(Case.id).where(Case.state == CLOSED, Case.closed_at <= now - kept, Case.erased_at.is_(None))


def _networks_over(now: datetime) -> Select[Any]:
    old = AddressChange.proposed_at <= now - NETWORKS_KEPT
    return select(AddressChange.id).where(AddressChange.network.is_not(None), old)


def _forget_networks(session: Session, now: datetime) -> int:
    over = AddressChange.id.in_(_networks_over(now))
    return changed(session, update(AddressChange).where(over).values(network=None))
