"""Renewal: while keys are being changed, the accounts of one address come together under the current key."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal import resealing
from portal.identity import links
from portal.identity.addresses import Address
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX, Customer
from portal.resealing import Moved
from portal.sealing import KeyRing


def renew(session: Session, keys: KeyRing, accounts: Sequence[Customer], address: Address) -> None:
    """Index accounts of one address alike where several keys told them apart; raises SealBroken.

    One visit shows all of them, so one index must find them all, in open requests and visits too.
    """
    if len({account.email_index for account in accounts}) < 2:
        return
    moved = resealing.no_moves()
    turn(session, keys, accounts, address, moved)
    resealing.follow(session, keys, moved)


def turn(session: Session, keys: KeyRing, accounts: Sequence[Customer], address: Address, moved: Moved) -> None:
    """Bring all accounts of one address under the current key; all of them open, or it raises SealBroken."""
    opened = [(account, *_opened(keys, account)) for account in accounts]
    index = keys.mac(ADDRESS_INDEX, address.canonical)
    for account, reference, stored in opened:
        account.key_id, account.email_index = keys.current, index
        account.ref_index = keys.mac(REFERENCE_INDEX, account.brand, reference)
        account.ref_sealed = keys.seal(REFERENCE, account.id, reference)
        account.email_sealed = keys.seal(ADDRESS, account.id, stored)
    session.flush()
    note(keys, accounts, address, moved)


def note(keys: KeyRing, accounts: Sequence[Customer], address: Address, moved: Moved) -> None:
    """Write down by which MACs others may still know these accounts of one address; raises SealBroken."""
    named = [(REFERENCE_INDEX, one.brand, _opened(keys, one)[0]) for one in accounts]
    for purpose, *parts in (*named, (ADDRESS_INDEX, address.canonical), (links.MAILBOX, address.mailbox)):
        held = keys.macs(purpose, *parts)
        new = held.pop(keys.current)
        moved[purpose] |= dict.fromkeys(held.values(), new)


def _opened(keys: KeyRing, account: Customer) -> tuple[str, str]:
    reference = keys.unseal(REFERENCE, account.id, account.ref_sealed)
    return reference, keys.unseal(ADDRESS, account.id, account.email_sealed)
