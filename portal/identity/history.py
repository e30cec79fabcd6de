"""History: when somebody asked for links to an account's mailbox, and proved its address; for the staff's sheet."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.identity import addresses
from portal.identity.customers import ADDRESS_INDEX, Customer, stored_address
from portal.identity.links import MAILBOX, LinkRequest
from portal.identity.visits import Visit
from portal.sealing import KeyRing

MOST = 15


def mailboxes_of(keys: KeyRing, customer: Customer) -> list[bytes]:
    """How limits and suppressions know the account's mailbox, the current key's index first; raises SealBroken."""
    held = keys.macs(MAILBOX, addresses.read(stored_address(keys, customer)).mailbox)
    return [held.pop(keys.current), *held.values()]


def requests_of(session: Session, keys: KeyRing, customer: Customer) -> Sequence[LinkRequest]:
    """The newest requests for links to the account's address, and those that were dropped; raises SealBroken."""
    here = select(LinkRequest).where(LinkRequest.mailbox.in_(mailboxes_of(keys, customer)))
    ours = here.where(or_(LinkRequest.email_index.is_(None), LinkRequest.email_index.in_(indexes_of(keys, customer))))
    return session.scalars(ours.order_by(LinkRequest.asked_at.desc(), LinkRequest.id.desc()).limit(MOST)).all()


def visits_of(session: Session, keys: KeyRing, customer: Customer) -> Sequence[Visit]:
    """The newest proofs of the account's address; raises SealBroken."""
    here = select(Visit).where(Visit.email_index.in_(indexes_of(keys, customer)))
    return session.scalars(here.order_by(Visit.proved_at.desc(), Visit.id.desc()).limit(MOST)).all()


def ended_at(visit: Visit, now: datetime) -> datetime | None:
    """When a visit was over, or None while it may go on."""
    return visit.ended_at or (visit.ends_at if visit.ends_at <= now else None)


def indexes_of(keys: KeyRing, customer: Customer) -> list[bytes]:
    """How rows know the account's address, under each live key; raises SealBroken."""
    return list(keys.macs(ADDRESS_INDEX, addresses.read(stored_address(keys, customer)).canonical).values())
