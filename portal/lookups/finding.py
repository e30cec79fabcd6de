"""Finding: exact matches only; whoever knows half an address learns nothing (ENU-09, STF-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from portal.identity import addresses, customers
from portal.identity.customers import Customer
from portal.sealing import KeyRing


class Unreadable(ValueError):
    """What was typed cannot be what it is said to be, so nobody is looked for."""


@dataclass(frozen=True)
class Asked:
    """What was typed, the brands that the member works for, and when it is asked."""

    text: str
    brands: tuple[str, ...]
    now: datetime


class Find(Protocol):
    """One way to find accounts; raises Unreadable."""

    def __call__(self, session: Session, keys: KeyRing, asked: Asked, /) -> Sequence[Customer]:
        """The visible accounts that fit exactly, of whatever brand."""


def by_address(session: Session, keys: KeyRing, asked: Asked) -> Sequence[Customer]:
    """The accounts at a whole address; raises Unreadable."""
    try:
        address = addresses.read(asked.text)
    except addresses.AddressRefused:
        raise Unreadable from None
    return customers.at_address(session, keys.macs(customers.ADDRESS_INDEX, address.canonical).values())


def by_reference(session: Session, keys: KeyRing, asked: Asked) -> Sequence[Customer]:
    """The accounts with this whole reference, one a brand at most."""
    return [one for brand in asked.brands for one in customers.at_reference(session, keys, brand, asked.text.strip())]
