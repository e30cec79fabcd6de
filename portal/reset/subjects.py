"""Subjects: whose password a visit sets next, among its own accounts only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.identity.acting import accounts_of
from portal.identity.customers import Customer, stored_reference
from portal.identity.helpers import Scope
from portal.identity.visits import Visit
from portal.reset import obligations
from portal.reset.stores.protocol import AccountKey, Store
from portal.sealing import KeyRing

HANDLE_LENGTH = 32
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Owner:
    """One of the visit's accounts, and whether it must reset."""

    customer: Customer
    owes: bool


@dataclass(frozen=True)
class Subject:
    """One account that has a password; `handle` names it and its epoch to this visit's own form."""

    customer: Customer
    owes: bool
    key: AccountKey
    epoch: int
    changed_at: datetime | None
    handle: str


def owners_of(session: Session, visit: Visit, *, now: datetime) -> list[Owner]:
    """The visit's accounts; none where a helper may not set a password."""
    accounts = accounts_of(session, visit, Scope.PASSWORD, now=now)
    owing = obligations.owing(session, [account.id for account in accounts])
    return [Owner(account, account.id in owing) for account in accounts]


def subjects_of(keys: KeyRing, store: Store, visit: Visit, owners: Sequence[Owner]) -> list[Subject]:
    """Those that have a password: who must reset first, then whose password is oldest; raises StoreUncertain.

    Asks the store, so it is called outside any transaction.
    """
    found = [subject for owner in owners if (subject := _subject(keys, store, visit, owner))]
    return sorted(found, key=lambda one: (not one.owes, one.changed_at or LONG_AGO))


def _subject(keys: KeyRing, store: Store, visit: Visit, owner: Owner) -> Subject | None:
    account = owner.customer
    key = AccountKey(account.brand, stored_reference(keys, account))
    held = store.find(key)
    if held is None or not held.has_password:
        return None
    handle = keys.mac("password form", visit.id.hex, account.id.hex, str(held.epoch)).hex()[:HANDLE_LENGTH]
    return Subject(account, owner.owes, key, held.epoch, held.changed_at, handle)
