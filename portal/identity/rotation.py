"""Rotation: one address after another, its accounts and all that is found by them come under the current key."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal import resealing
from portal.identity import addresses, links, renewal
from portal.identity.customers import ADDRESS_INDEX, Customer, stored_address
from portal.resealing import Moved, Step
from portal.sealing import KeyRing, SealBroken
from portal.turns import in_turn

# SQLite's other writers wait for a step: some milliseconds.
AT_ONCE = 25
TURN = b"key rotation"


def turn_next(keys: KeyRing, session: Session, after: UUID | None = None) -> Step | None:
    """Turn the next accounts, in the order of their ids; None where none is left after this one."""
    batch = _next(session, select(Customer).where(Customer.key_id != keys.current), after)
    moved, done, broken = resealing.no_moves(), 0, 0
    for account in batch:
        if account.key_id == keys.current:
            continue  # it was turned with another one of its address
        try:
            done += _turn(session, keys, account, moved)
        except (SealBroken, addresses.AddressRefused):
            broken += 1
    resealing.follow(session, keys, moved)
    return Step(batch[-1].id, done, broken) if batch else None


def gather_next(keys: KeyRing, session: Session, after: UUID | None = None) -> Step | None:
    """Bring along what somebody wrote under an old key about the next accounts, which are turned already."""
    batch = _next(session, select(Customer).where(Customer.key_id == keys.current), after)
    moved = resealing.no_moves()
    for account in batch:
        renewal.note(keys, [account], addresses.read(stored_address(keys, account)), moved)
    resealing.follow(session, keys, moved)
    return Step(batch[-1].id, len(batch), 0) if batch else None


def _next(session: Session, accounts: Select[Customer], after: UUID | None) -> list[Customer]:
    in_turn(session, TURN)
    if after:
        accounts = accounts.where(Customer.id > after)
    return list(session.scalars(accounts.order_by(Customer.id).limit(AT_ONCE)))


def _turn(session: Session, keys: KeyRing, account: Customer, moved: Moved) -> int:
    """All accounts of this one's address; how many that are."""
    address = addresses.read(stored_address(keys, account))
    for name in keys.macs(links.MAILBOX, address.mailbox).values():
        in_turn(session, name)  # a proof may be spent right now, or a request answered
    indexes = keys.macs(ADDRESS_INDEX, address.canonical).values()
    here = select(Customer).where(Customer.email_index.in_(indexes), Customer.key_id != keys.current)
    held = session.scalars(here.with_for_update().execution_options(populate_existing=True)).all()
    renewal.turn(session, keys, held, address, moved)
    return len(held)
