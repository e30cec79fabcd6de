"""Batches: some hundreds of entries of a list, written into a draft within one short transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from portal.cohort.drafts import Draft, hold
from portal.cohort.entries import Answer, Entry
from portal.cohort.exposures import Exposure
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX, Customer
from portal.sealing import KeyRing
from portal.tokens import fresh_id

SIZE = 500

Account = tuple[str, int, bytes]  # brand, key id, index of the reference


@dataclass(frozen=True)
class Written:
    """What became of entries: accounts that are new, answers that changed, answers that stay, other addresses seen."""

    new: int = 0
    changed: int = 0
    same: int = 0
    elsewhere: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Both together."""
        return Written(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.elsewhere + other.elsewhere,
        )


def cut(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries in batches, in their order."""
    left = iter(entries)
    while batch := list(islice(left, SIZE)):
        yield batch


def write(session: Session, keys: KeyRing, draft: Draft, batch: Sequence[Entry]) -> Written:
    """Bring a batch into the draft; raises DraftLost if it is not ours any more."""
    hold(session, draft)
    known = _known(session, keys, batch)
    new = [entry for entry in batch if entry not in known]
    rows = {entry: _row(keys, draft.number, entry) for entry in new}
    if rows:
        session.execute(insert(Customer), list(rows.values()))
    held = _answers(session, [customer.id for customer in known.values()])
    changed = [entry for entry, customer in known.items() if held.get(customer.id) != entry.answer]
    _close(session, draft.number, [known[entry].id for entry in changed])
    _open(session, draft.number, {rows[entry]["id"]: entry.answer for entry in new})
    _open(session, draft.number, {known[entry].id: entry.answer for entry in changed})
    elsewhere = sum(not _lives_at(keys, customer, entry) for entry, customer in known.items())
    return Written(len(new), len(changed), len(known) - len(changed), elsewhere)


def _known(session: Session, keys: KeyRing, batch: Sequence[Entry]) -> dict[Entry, Customer]:
    """The accounts that we have already, looked up under every live key."""
    wanted: dict[Account, Entry] = {}
    for entry in batch:
        for key_id, index in keys.macs(REFERENCE_INDEX, entry.brand, entry.reference).items():
            wanted[entry.brand, key_id, index] = entry
    place = tuple_(Customer.brand, Customer.key_id, Customer.ref_index)
    found = session.scalars(select(Customer).where(place.in_(wanted)))
    return {wanted[customer.brand, customer.key_id, customer.ref_index]: customer for customer in found}


def _row(keys: KeyRing, number: int, entry: Entry) -> dict[str, Any]:
    account = fresh_id()
    return {
        "id": account,
        "brand": entry.brand,
        "key_id": keys.current,
        "ref_index": keys.mac(REFERENCE_INDEX, entry.brand, entry.reference),
        "ref_sealed": keys.seal(REFERENCE, account, entry.reference),
        "email_index": keys.mac(ADDRESS_INDEX, entry.address.canonical),
        "email_sealed": keys.seal(ADDRESS, account, entry.address.stored),
        "locale": entry.locale,
        "country": entry.country,
        **{flag: flag in entry.flags for flag in ("guest", "social", "minor", "deceased")},
        "from_revision": number,
    }


def _lives_at(keys: KeyRing, customer: Customer, entry: Entry) -> bool:
    """A list never moves an account to another mailbox: whoever wrote the list could read its answers."""
    return customer.email_index == keys.mac(ADDRESS_INDEX, entry.address.canonical, key_id=customer.key_id)


def _answers(session: Session, accounts: list[UUID]) -> dict[UUID, Answer]:
    standing = select(Exposure).where(Exposure.customer_id.in_(accounts), Exposure.until_revision.is_(None))
    return {row.customer_id: Answer(row.result, row.categories) for row in session.scalars(standing)}


def _close(session: Session, number: int, accounts: list[UUID]) -> None:
    standing = update(Exposure).where(Exposure.customer_id.in_(accounts), Exposure.until_revision.is_(None))
    session.execute(standing.values(until_revision=number))


def _open(session: Session, number: int, answers: dict[UUID, Answer]) -> None:
    rows = [
        {"customer_id": account, "from_revision": number, "result": answer.result, "categories": answer.categories}
        for account, answer in answers.items()
    ]
    if rows:
        session.execute(insert(Exposure), rows)
