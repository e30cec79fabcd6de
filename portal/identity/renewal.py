"""Renewal: while keys are being changed, the accounts of one address come together under the current key."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.database import changed
from portal.identity.addresses import Address
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX, Customer
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.sealing import KeyRing


def renew(session: Session, keys: KeyRing, accounts: Sequence[Customer], address: Address) -> None:
    """Index accounts of one address alike where several keys told them apart; raises SealBroken.

    One visit shows all of them, so one index must find them all, in open requests and visits too.
    """
    found = {account.email_index for account in accounts}
    if len(found) < 2:
        return
    for account, said in [(account, opened(keys, account)) for account in accounts]:
        reseal(keys, account, *said)
    lead_to(session, keys.mac(ADDRESS_INDEX, address.canonical), found, accounts)


def lead_to(session: Session, index: bytes, before: Collection[bytes], accounts: Iterable[Customer]) -> None:
    """Let these accounts be found by this index, and what was asked for or proven under those before it too."""
    for account in accounts:
        account.email_index = index
    session.flush()
    for table in (LinkRequest, Visit):
        changed(session, update(table).where(table.email_index.in_(before)).values(email_index=index))


def opened(keys: KeyRing, account: Customer) -> tuple[str, str]:
    """Its reference and its address; raises SealBroken."""
    reference = keys.unseal(REFERENCE, account.id, account.ref_sealed)
    return reference, keys.unseal(ADDRESS, account.id, account.email_sealed)


def reseal(keys: KeyRing, account: Customer, reference: str, stored: str) -> None:
    """Bring the account's own values under the current key."""
    account.key_id = keys.current
    account.ref_index = keys.mac(REFERENCE_INDEX, account.brand, reference)
    account.ref_sealed = keys.seal(REFERENCE, account.id, reference)
    account.email_sealed = keys.seal(ADDRESS, account.id, stored)
