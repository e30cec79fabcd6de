"""Sheets: everything that staff may know of one account, masked, gathered from the rooms (STF-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.cases.case import Case
from portal.cohort import disputes
from portal.cohort.result import AccountAnswer, answers
from portal.enrolment.held import Held, held_by
from portal.identity import customers, history
from portal.identity.customers import Customer
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.incident.revisions import current_number
from portal.lookups import looks, masks
from portal.lookups.looks import RecordLook
from portal.mail import outbox, suppressions
from portal.mail.outbox import Letter
from portal.mail.suppressions import Suppression
from portal.reset import obligations
from portal.reset.obligations import Obligation
from portal.sealing import KeyRing

FLAGS = ("guest", "social", "minor", "deceased")


@dataclass(frozen=True)
class Heading:
    """How an account is named where it must not be told: its brand, and its address and reference masked."""

    customer: Customer
    address: str
    reference: str


@dataclass(frozen=True)
class Sheet:
    """One account's sheet."""

    heading: Heading
    answer: AccountAnswer | None
    flags: tuple[str, ...]
    requests: Sequence[LinkRequest]
    visits: Sequence[Visit]
    duties: Sequence[Obligation]
    held: Held | None
    letters: Sequence[Letter]
    against: Sequence[Suppression]
    cases: Sequence[Case]
    flagged: str  # who put the answer under review: "case", "staff", or nobody
    looks: Sequence[tuple[RecordLook, str]]

    @property
    def is_stopped(self) -> bool:
        """Whether staff has stopped the letters, or they came back: what staff may undo."""
        return any(one.reason in (suppressions.STAFF, suppressions.BOUNCED) for one in self.against)

    @property
    def has_log_in(self) -> bool:
        """Whether the account has a password of its own that could be renewed."""
        return not self.heading.customer.guest and not self.heading.customer.social


def heading(keys: KeyRing, customer: Customer) -> Heading:
    """The account by name; raises SealBroken."""
    address, reference = (uncovered(keys, customer, field) for field in looks.MASKED)
    return Heading(customer, masks.address(address), masks.reference(reference))


def uncovered(keys: KeyRing, customer: Customer, field: str) -> str:
    """A masked field as it is; raises SealBroken."""
    if field == looks.ADDRESS:
        return customers.stored_address(keys, customer)
    return customers.stored_reference(keys, customer)


def sheet(session: Session, keys: KeyRing, customer: Customer, *, now: datetime) -> Sheet:
    """The account's sheet as it is now; raises SealBroken."""
    requests = history.requests_of(session, keys, customer)
    held = held_by(session, keys, customer)
    subjects = [customer.id, *(request.id for request in requests), *([held.grant.id] if held else [])]
    told = disputes.reviewed(session, answers(session, [customer], current_number(session)))
    about = disputes.open_about(session, customer.id)
    done = looks.latest(session, customer.id)
    return Sheet(
        heading=heading(keys, customer),
        answer=told[0] if told else None,
        flags=tuple(flag for flag in FLAGS if getattr(customer, flag)),
        requests=requests,
        visits=history.visits_of(session, keys, customer),
        duties=obligations.of(session, customer.id),
        held=held,
        letters=outbox.about(session, subjects),
        against=suppressions.standing(session, history.mailboxes_of(keys, customer), now=now),
        cases=_cases(session, keys, customer),
        flagged=("staff" if looks.act_of(session, about) else "case") if about else "",
        looks=[(look, looks.read_note(keys, look)) for look in done],
    )


def _cases(session: Session, keys: KeyRing, customer: Customer) -> Sequence[Case]:
    here = or_(Case.customer_id == customer.id, Case.email_index.in_(history.indexes_of(keys, customer)))
    return session.scalars(select(Case).where(here).order_by(Case.id.desc()).limit(history.MOST)).all()
