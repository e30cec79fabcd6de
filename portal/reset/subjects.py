"""Subjects: whose password a visit sets next, among its own accounts only."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.identity import customers
from portal.identity.customers import Customer, stored_reference
from portal.identity.visits import Visit
from portal.reset import obligations
from portal.reset.stores.protocol import AccountKey, Store
from portal.sealing import KeyRing

HANDLE_LENGTH = 32


@dataclass(frozen=True)
class Subject:
    """One account that has a password; `handle` names it and its epoch to this visit's own form."""

    customer: Customer
    key: AccountKey
    epoch: int
    owes: bool
    handle: str


def subjects_of(session: Session, keys: KeyRing, store: Store, visit: Visit) -> list[Subject]:
    """The visit's accounts that have a password; those that must reset come first."""
    accounts = customers.at_address(session, [visit.email_index])
    owing = obligations.owing(session, [account.id for account in accounts])
    found = [_subject(keys, store, visit, account, account.id in owing) for account in accounts]
    return sorted((one for one in found if one), key=lambda one: not one.owes)


def _subject(keys: KeyRing, store: Store, visit: Visit, account: Customer, owes: bool) -> Subject | None:
    key = AccountKey(account.brand, stored_reference(keys, account))
    held = store.find(key)
    if held is None or not held.has_password:
        return None
    handle = keys.mac("password form", visit.id.hex, account.id.hex, str(held.epoch)).hex()[:HANDLE_LENGTH]
    return Subject(account, key, held.epoch, owes, handle)
