"""Renewal: an address is known by another index, since keys are being changed; whatever is kept by it goes along."""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.database import changed
from portal.identity.addresses import Address
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX, Customer
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.sealing import KeyRing

# Lets what another room keeps for a person at these indexes be found at the index that follows them.
Follow = Callable[[Session, KeyRing, Collection[bytes], bytes], None]


def renew(session: Session, keys: KeyRing, accounts: Sequence[Customer], address: Address, follow: Follow) -> None:
    """Index accounts of one address alike where several keys told them apart; raises SealBroken.

    One visit shows all of them, so one index must find them all, in open requests and visits too.
    """
    found = {account.email_index for account in accounts}
    if len(found) < 2:
        return
    index = keys.mac(ADDRESS_INDEX, address.canonical)
    for account in accounts:
        _reseal(keys, account)
        account.email_index = index
    for table in (LinkRequest, Visit):
        changed(session, update(table).where(table.email_index.in_(found)).values(email_index=index))
    follow(session, keys, found, index)


def _reseal(keys: KeyRing, account: Customer) -> None:
    reference = keys.unseal(REFERENCE, account.id, account.ref_sealed)
    stored = keys.unseal(ADDRESS, account.id, account.email_sealed)
    account.key_id = keys.current
    account.ref_index = keys.mac(REFERENCE_INDEX, account.brand, reference)
    account.ref_sealed = keys.seal(REFERENCE, account.id, reference)
    account.email_sealed = keys.seal(ADDRESS, account.id, stored)
