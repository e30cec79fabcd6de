"""Beginning a change of address: it counts as a search, whoever it finds, and the customer reads of it."""

from collections.abc import Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases import claiming, claims
from portal.cases.case import Case, CaseMoved, read_number
from portal.cases.claiming import AlreadyChanging
from portal.console.forms import BeginForm
from portal.console.search import brands_of, role_of
from portal.extensions import ground
from portal.identity import addresses, customers
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.lookups import looks, searches
from portal.lookups.looks import Looker
from portal.members.sessions import Present

FINDER, REASON = "mailbox", "customer-asked"


class TooManySearches(Exception):
    """This member has looked for as many customers as are allowed for now."""


REFUSALS: Mapping[type[Exception], str] = {
    LookupError: _l("There is no such case, or no such account. Check all that you typed."),
    CaseMoved: _l("Somebody else works on this case, or it is closed."),
    AlreadyChanging: _l("A change of this account is under way, or it has this address already."),
    TooManySearches: _l("You searched as often as you may for now. This is written down."),
}


def begin(me: Present, form: BeginForm) -> UUID:
    """Write the new address of an account down; raises one of REFUSALS.

    The search is kept whatever follows, or somebody could try addresses without end.
    """
    now, by = ground().clock(), me.member.actor
    with ground().database.write() as session:
        made = searches.begin(session, me.member.id, FINDER, REASON, now=now)
        event = Event.RECORD_REFUSED if made.refused else Event.RECORD_SEARCHED
        trail.record(session, event, now=now, actor=by, subject=f"search:{made.id}", by=FINDER, reason=REASON)
    if made.refused:
        raise TooManySearches
    with ground().database.write() as session:
        case, account = _case(session, form), _account(session, me, form)
        claims.claim(session, case, case.version, by=by, now=now)
        address = addresses.read(form.new.data or "")
        change = claiming.start(session, ground().keys, case, account, address, by=by, now=now)
        looker = Looker(me.member.id, role_of(me), REASON, made.id)
        looks.note(session, looker, account.id, looks.CHANGE, now=now)
        return change.id


def _case(session: Session, form: BeginForm) -> Case:
    """The case of the typed number; raises LookupError."""
    case = session.scalar(select(Case).where(Case.number == read_number(form.number.data or "")))
    if case is None:
        raise LookupError
    return case


def _account(session: Session, me: Present, form: BeginForm) -> Customer:
    """The account at the old address and the brand; raises LookupError, also where it is no brand of this member."""
    old, brand = addresses.read(form.old.data or "").canonical, form.brand.data
    there = customers.at_address(session, ground().keys.macs(ADDRESS_INDEX, old).values())
    ours = [one for one in there if one.brand == brand and brand in brands_of(me)]
    if not ours:
        raise LookupError
    return ours[0]
