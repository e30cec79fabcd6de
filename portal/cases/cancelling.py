"""Cancelling: whoever reads a known address stops a change of it: by the letter's link, a visit, a new password."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from portal.approvals import proposals
from portal.approvals.proposals import Proposal
from portal.audit import trail
from portal.audit.events import Event
from portal.cases.cooling import CANCEL
from portal.cases.proofing import (
    CANCELLED,
    CLAIM_LASTS,
    CLAIMED,
    COOLING,
    EXPIRED,
    OPEN,
    PROPOSAL_LASTS,
    PROPOSED,
    REFUSED,
    AddressChange,
    ChangeMoved,
    advance,
    standing_of,
)
from portal.identity.customers import Customer
from portal.sealing import KeyRing

GONE = (proposals.REFUSED, proposals.WITHDRAWN, proposals.EXPIRED, proposals.VOID)


class CancelRefused(Exception):
    """This link stops nothing; nobody outside learns why."""


def by_link(session: Session, keys: KeyRing, public_id: str, token: str, *, now: datetime) -> None:
    """Stop the change whose letter holds this link; raises CancelRefused."""
    readable = AddressChange.key_id.in_(keys.masters)
    change = session.scalar(select(AddressChange).where(AddressChange.public_id == public_id, readable))
    brought = keys.mac(CANCEL, public_id, token, key_id=change.key_id if change else keys.current)
    if change is None or not token or change.cancel_digest != brought:
        raise CancelRefused
    try:
        _cancel(session, change, COOLING, by="mailbox", now=now)
    except ChangeMoved:
        raise CancelRefused from None


def by_visit(session: Session, accounts: list[Customer], *, now: datetime) -> int:
    """Stop what waits for these accounts, whose address was proven just now; returns how many."""
    waiting = of_accounts(session, accounts)
    for change in waiting:
        _cancel(session, change, *OPEN, by="customer", now=now)
    return len(waiting)


def by_reset(session: Session, customer: UUID, now: datetime) -> None:
    """Whoever has just set a password from the stored mailbox has not lost it: a change of it ends (RST-03)."""
    change = standing_of(session, customer)
    if change is not None:
        with suppress(ChangeMoved):  # the worker was faster
            _cancel(session, change, *OPEN, by="customer", now=now)


def by_member(session: Session, change: AddressChange, *, by: str, now: datetime) -> None:
    """A member takes it back; raises ChangeMoved."""
    _cancel(session, change, *OPEN, by=by, now=now)


def of_accounts(session: Session, accounts: list[Customer]) -> list[AddressChange]:
    """The changes of these accounts that two people agreed on and that wait."""
    mine = select(AddressChange).where(AddressChange.customer_id.in_([one.id for one in accounts]))
    return list(session.scalars(mine.where(AddressChange.state == COOLING)))


def is_any_over(session: Session, *, now: datetime) -> bool:
    """Whether `end_the_over` has something to do."""
    return session.execute(_over(now).limit(1)).first() is not None


def end_the_over(session: Session, *, now: datetime) -> int:
    """End what nobody agreed on in time, or somebody refused; returns how many."""
    over = session.execute(_over(now)).all()
    for change, state in over:
        end = REFUSED if state == proposals.REFUSED else EXPIRED
        advance(session, change, CLAIMED, PROPOSED, state=end, ended_at=now)
        trail.record(session, Event.MAILBOX_ENDED, now=now, actor=trail.WORKER, subject=change.subject, state=end)
    return len(over)


def _over(now: datetime) -> Select[AddressChange, str]:
    decided = and_(AddressChange.state == PROPOSED, Proposal.state.in_(GONE))
    parked = and_(AddressChange.parked_at <= now - PROPOSAL_LASTS, AddressChange.state == PROPOSED)
    idle = and_(AddressChange.state == CLAIMED, AddressChange.started_at <= now - CLAIM_LASTS)
    joined = select(AddressChange, Proposal.state).outerjoin(Proposal, Proposal.id == AddressChange.proposal)
    return joined.where(or_(decided, parked, idle))


def _cancel(session: Session, change: AddressChange, *sources: str, by: str, now: datetime) -> None:
    # A proposal that still stands is void once the worker sees this.
    advance(session, change, *sources, state=CANCELLED, ended_at=now)
    trail.record(session, Event.MAILBOX_CANCELLED, now=now, actor=by, subject=change.subject)
