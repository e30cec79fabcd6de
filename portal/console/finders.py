"""Finders: the ways in which a member may search for a customer; a room that knows another adds its line here."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases import four_words
from portal.cases.case import Case, read_number
from portal.identity import customers
from portal.identity.customers import Customer
from portal.lookups.finding import Asked, Find, Unreadable, by_address, by_reference
from portal.sealing import KeyRing


@dataclass(frozen=True)
class Finder:
    """What is typed, in words, and how it is found; `find` gets the session, the keys and what was typed."""

    label: LazyString
    find: Find


def by_words(session: Session, keys: KeyRing, asked: Asked) -> Sequence[Customer]:
    """The accounts at the address whose owner says these words, while they hold."""
    index = four_words.find(session, keys, asked.text, now=asked.now)
    return customers.at_address(session, [index]) if index else []


def by_case(session: Session, _keys: KeyRing, asked: Asked) -> Sequence[Customer]:
    """The account that a case is about, or those at the address that it was opened from; raises Unreadable."""
    number = read_number(asked.text)
    if not number:
        raise Unreadable
    case = session.scalar(select(Case).where(Case.number == number))
    return accounts_of(session, case) if case else []


def accounts_of(session: Session, case: Case) -> Sequence[Customer]:
    """The account that a case is about, or those at the address that was proven when it was opened."""
    account = customers.visible(session, case.customer_id) if case.customer_id else None
    if account or not case.email_index:
        return [account] if account else []
    return customers.at_address(session, [case.email_index])


FINDERS = {
    "address": Finder(_l("Whole email address"), by_address),
    "reference": Finder(_l("Customer number"), by_reference),
    "words": Finder(_l("Four words that the customer says"), by_words),
    "case": Finder(_l("Number of a case"), by_case),
}
