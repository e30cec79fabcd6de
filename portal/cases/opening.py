"""Opening a case: what is written down is the same for everybody, and nobody's account is looked up for it (ENU-09)."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases import messages
from portal.cases.case import ADDRESS, CONTACT, Case
from portal.cases.deadlines import due
from portal.cases.phrases import fresh_phrase
from portal.cases.reasons import HOURS, Reason
from portal.cohort import disputes
from portal.database import inserted
from portal.identity import addresses, links
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.limits import CASES_PER_MAILBOX
from portal.sealing import KeyRing
from portal.tokens import fresh_code, fresh_id
from portal.turns import in_turn

PHRASE = "case phrase"
CUSTOMER = "customer"


class TooManyCases(Exception):
    """So many cases were opened with this mailbox today that one more would bury the others."""


@dataclass(frozen=True)
class Wish:
    """What somebody writes: `address` is proven if there is an account with it, else only claimed, or empty."""

    reason: Reason
    text: str
    brand: str
    origin: str
    locale: str
    address: str = ""
    customer: Customer | None = None


@dataclass(frozen=True)
class Opened:
    """A new case, and the only time that its phrase can be read."""

    id: UUID
    number: str
    phrase: str
    due_at: datetime


def open_case(
    session: Session, keys: KeyRing, wish: Wish, zone: tzinfo, *, now: datetime, by: str = CUSTOMER
) -> Opened:
    """Write a case down, and put a disputed answer under review; raises TooManyCases."""
    row, proven = fresh_id(), wish.customer is not None
    mailbox = _within_limit(session, keys, wish.address, proven, now) if wish.address else None
    values = {
        "id": row,
        "key_id": keys.current,
        "reason": wish.reason.value,
        "brand": wish.brand,
        "origin": wish.origin,
        "locale": wish.locale,
        "mailbox": mailbox,
        "opened_at": now,
        "due_at": due(now, HOURS[wish.reason], zone),
        **_whose(keys, wish, row),
    }
    number, phrase = _numbered(session, keys, values)
    messages.add(session, keys, row, 1, kind=messages.CUSTOMER, author=by, text=wish.text, now=now)
    said = {"reason": wish.reason.value, "proven": proven}
    trail.record(session, Event.CASE_OPENED, now=now, actor=by, subject=f"case:{row}", **said)
    if wish.customer is not None and wish.reason is Reason.RESULT_DISPUTED:
        disputes.dispute(session, wish.customer.id, about=row, actor=by, now=now)
    return Opened(row, number, phrase, due(now, HOURS[wish.reason], zone))


def _within_limit(session: Session, keys: KeyRing, address: str, proven: bool, now: datetime) -> bytes:
    # What strangers claim and what owners prove is counted apart, so that nobody can use up another's cases.
    mailbox = keys.macs(links.MAILBOX, addresses.read(address).mailbox)
    in_turn(session, mailbox[keys.current])
    day = now - timedelta(seconds=CASES_PER_MAILBOX.per)
    known = Case.email_index.is_not(None) if proven else Case.email_index.is_(None)
    mine = select(func.count(Case.id)).where(Case.mailbox.in_(mailbox.values()), Case.opened_at > day, known)
    if (session.scalar(mine) or 0) >= CASES_PER_MAILBOX.amount:
        raise TooManyCases
    return mailbox[keys.current]


def _whose(keys: KeyRing, wish: Wish, row: UUID) -> dict[str, object]:
    if wish.customer is None:
        return {"contact_sealed": keys.seal(CONTACT, row, wish.address) if wish.address else None}
    index = keys.mac(ADDRESS_INDEX, addresses.read(wish.address).canonical)
    sealed = keys.seal(ADDRESS, row, wish.address)
    return {"email_index": index, "email_sealed": sealed, "customer_id": wish.customer.id}


def _numbered(session: Session, keys: KeyRing, values: dict[str, object]) -> tuple[str, str]:
    while True:
        number, phrase = fresh_code(), fresh_phrase()
        if inserted(session, Case, **values, number=number, phrase_digest=keys.mac(PHRASE, number, phrase)):
            return number, phrase
