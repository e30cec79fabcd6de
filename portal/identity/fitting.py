"""Whether a key ring fits what the database holds: one account of each key in use is opened."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity import customers
from portal.identity.customers import Customer
from portal.sealing import KeyRing, SealBroken


class KeysDoNotFit(Exception):
    """The ring does not open what is sealed with a key that is in use; says its number."""


def try_on(session: Session, ring: KeyRing) -> int:
    """Open one account of each key in use; returns how many keys those are, raises KeysDoNotFit."""
    used = session.scalars(select(Customer.key_id).distinct()).all()
    for key_id in used:
        customer = session.scalars(select(Customer).where(Customer.key_id == key_id).limit(1)).one()
        try:
            customers.stored_address(ring, customer)
        except SealBroken:
            raise KeysDoNotFit(f"Key {key_id} of the ring does not open what the database holds.") from None
    return len(used)
