"""Moving: an account gets another address; what was proven or asked for at the old one ends, what it has goes along."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.orm import Session

from portal.identity import addresses, customers, links, visits
from portal.identity.addresses import Address
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.sealing import KeyRing
from portal.turns import in_turn

# Lets what another room keeps for a person at these indexes be found at the index that follows them.
Follow = Callable[[Session, KeyRing, Collection[bytes], bytes], None]


def move(
    session: Session, keys: KeyRing, customer: Customer, address: Address, follow: Follow, *, now: datetime
) -> None:
    """Change the account's address and nothing else of it; raises SealBroken."""
    old = addresses.read(customers.stored_address(keys, customer))
    in_turn(session, keys.mac(links.MAILBOX, old.mailbox))  # a proof of the old address may be spent right now
    left = {customer.email_index, *keys.macs(ADDRESS_INDEX, old.canonical).values()}
    for index in left:
        links.close_others(session, index)
        visits.end_at(session, index, now=now)
    customers.move(keys, customer, address)
    session.flush()
    if not customers.at_address(session, left):
        follow(session, keys, left, customer.email_index)
