"""Batches: a sealed piece of a list, brought into a draft within one short transaction."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from operator import add
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from portal.cohort import drafts
from portal.cohort.drafts import Draft
from portal.cohort.entries import Answer
from portal.cohort.exposures import Exposure
from portal.cohort.sealed import CUSTOMER, EXPOSURE, Sealed
from portal.identity.customers import Customer
from portal.pouring import make_room, pour, shape_for


@dataclass(frozen=True)
class Written:
    """What became of entries: accounts that are new, answers that changed, answers that stay, other addresses seen.

    `before` were loaded until an interruption, and nobody knows any more which of these they were.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    elsewhere: int = 0
    before: int = 0

    def __add__(self, other: "Written") -> "Written":
        """Both together."""
        return Written(*map(add, astuple(self), astuple(other)))


@dataclass(frozen=True)
class Known:
    """An account that we have already, what it is told now, and whether the list has it at the same address.

    A list never moves an account to another mailbox: whoever wrote the list could read its answers.
    """

    account: UUID
    answer: Answer | None
    at_home: bool


def write(session: Session, draft: Draft, sealed: Sealed) -> tuple[Draft, Written]:
    """Bring a piece into the draft, which is further then; raises DraftLost if it is not ours any more."""
    make_room(session)
    draft = drafts.advance(session, draft, len(sealed.answers))
    known = _known(session, sealed)
    changed = {place: one.account for place, one in known.items() if one.answer != sealed.answers[place]}
    new = [place for place in range(len(sealed.answers)) if place not in known]
    _close(session, draft.number, changed.values())
    pour(session, Customer, CUSTOMER, [sealed.customers[place] for place in new])
    shaped = shape_for(is_sqlite=session.get_bind().dialect.name == "sqlite")
    again = [
        shaped((account, draft.number, sealed.answers[place].result, sealed.answers[place].categories))
        for place, account in changed.items()
    ]
    pour(session, Exposure, EXPOSURE, [*again, *(sealed.exposures[place] for place in new)])
    elsewhere = sum(not one.at_home for one in known.values())
    return draft, Written(len(new), len(changed), len(known) - len(changed), elsewhere)


def is_first(session: Session, draft: Draft) -> bool:
    """Whether no account is older than this draft."""
    return session.scalar(select(Customer.id).where(Customer.from_revision < draft.number).limit(1)) is None


def _known(session: Session, sealed: Sealed) -> dict[int, Known]:
    """The accounts that we have already, by their place in the piece, looked up under every live key."""
    standing = and_(Exposure.customer_id == Customer.id, Exposure.until_revision.is_(None))
    asked = select(
        Customer.ref_index, Customer.id, Customer.email_index, Exposure.result, Exposure.categories
    ).outerjoin(Exposure, standing)
    known = {}
    for (brand, key_id), places in sealed.names.items():
        these = (Customer.brand == brand, Customer.key_id == key_id, Customer.ref_index.in_(places))
        for name, account, home, result, categories in session.execute(asked.where(*these)):
            place, listed = places[name]
            answer = Answer(result, categories) if result else None
            known[place] = Known(account, answer, home == listed)
    return known


def _close(session: Session, number: int, accounts: Collection[UUID]) -> None:
    if accounts:
        standing = update(Exposure).where(Exposure.customer_id.in_(accounts), Exposure.until_revision.is_(None))
        session.execute(standing.values(until_revision=number), execution_options={"synchronize_session": False})
