"""Owners: whose cases a proven visit may read, whichever key they were written under."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.case import Case
from portal.identity import addresses, customers
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.identity.visits import Visit
from portal.sealing import KeyRing

MOST = 50


@dataclass(frozen=True)
class Owner:
    """Whoever proved an address: the accounts there, the address as stored, and its index under every live key."""

    accounts: tuple[Customer, ...]
    address: str
    indexes: tuple[bytes, ...]


def owner_of(session: Session, keys: KeyRing, visit: Visit) -> Owner | None:
    """The owner; None where no account is left at the address, or somebody acts for another. Raises SealBroken."""
    accounts = customers.at_address(session, [visit.email_index]) if visit.acts_as is None else []
    if not accounts:
        return None
    address = customers.stored_address(keys, accounts[0])
    indexes = keys.macs(ADDRESS_INDEX, addresses.read(address).canonical)
    return Owner(tuple(accounts), address, tuple(indexes.values()))


def cases_of(session: Session, owner: Owner) -> list[Case]:
    """The owner's own cases, the newest first."""
    mine = select(Case).where(Case.email_index.in_(owner.indexes))
    return list(session.scalars(mine.order_by(Case.id.desc()).limit(MOST)))


def case_of(session: Session, owner: Owner, number: str) -> UUID | None:
    """The owner's case with this number, or None."""
    return session.scalar(select(Case.id).where(Case.email_index.in_(owner.indexes), Case.number == number))
