"""Rotation: one address after another, all that is found by its index comes under the current key at once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.database import changed, in_turn
from portal.identity import addresses, links, renewal
from portal.identity.customers import ADDRESS_INDEX, Customer, stored_address
from portal.identity.helpers import Helper
from portal.sealing import KeyRing, SealBroken

# SQLite's other writers wait for a step: some milliseconds.
AT_ONCE = 25
TURN = b"key rotation"

# What another room does with its rows that hold an address index; told the indexes so far, the new one and its key.
LeadTo = Callable[[Session, Collection[bytes], bytes, int], None]


@dataclass(frozen=True)
class Step:
    """What a step did: the last account that it looked at, how many it turned, how many do not open."""

    last: UUID
    done: int
    broken: int


def left(session: Session, keys: KeyRing) -> int:
    """How many accounts are not under the current key."""
    return session.scalar(select(func.count(Customer.id)).where(Customer.key_id != keys.current)) or 0


def turn_next(session: Session, keys: KeyRing, also: Sequence[LeadTo], after: UUID | None) -> Step | None:
    """Turn the next accounts, in the order of their ids; None where none is left after this one."""
    in_turn(session, TURN)
    old = select(Customer).where(Customer.key_id != keys.current).order_by(Customer.id).limit(AT_ONCE)
    batch = session.scalars(old.where(Customer.id > after) if after else old).all()
    if not batch:
        return None
    done = broken = 0
    for account in batch:
        if account.key_id == keys.current:
            continue  # it was turned with another one of its address
        try:
            done += _turn(session, keys, account, also)
        except (SealBroken, addresses.AddressRefused):
            broken += 1
    return Step(batch[-1].id, done, broken)


def _turn(session: Session, keys: KeyRing, account: Customer, also: Sequence[LeadTo]) -> int:
    """All accounts of this one's address; how many that are."""
    address = addresses.read(stored_address(keys, account))
    for mailbox in keys.macs(links.MAILBOX, address.mailbox).values():
        in_turn(session, mailbox)  # a proof may be spent right now, or a request answered
    indexes = keys.macs(ADDRESS_INDEX, address.canonical)
    here = select(Customer).where(Customer.email_index.in_(indexes.values()), Customer.key_id != keys.current)
    turned = session.scalars(here.with_for_update().execution_options(populate_existing=True)).all()
    opened = [renewal.opened(keys, one) for one in turned]  # all of them open, or none is changed
    for one, said in zip(turned, opened, strict=True):
        renewal.reseal(keys, one, *said)
    index = indexes[keys.current]
    renewal.lead_to(session, index, list(indexes.values()), turned)
    before = [held for key_id, held in indexes.items() if key_id != keys.current]
    changed(session, update(Helper).where(Helper.email_index.in_(before)).values(email_index=index))
    for lead_to in also:
        lead_to(session, before, index, keys.current)
    return len(turned)
