"""Records: a customer's sheet, open for an hour to the member who found it; each look at it is written down."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.approvals.door import WORDS as DECISIONS
from portal.audit import trail
from portal.audit.events import Event
from portal.cases.case import show_number
from portal.cases.door import REASONS as CASE_REASONS
from portal.cases.door import STATES
from portal.console import record_words
from portal.console.access import staff, staff_post
from portal.console.forms import StaffForm
from portal.console.page import page
from portal.console.record_forms import ActForm, CaseForm, ReplaceForm, UncoverForm, WithdrawForm
from portal.console.search import LOOKERS, brands_of, role_of
from portal.console.sheets import sheet, uncovered
from portal.enrolment import replacing
from portal.extensions import ground
from portal.identity import customers
from portal.identity.customers import Customer
from portal.identity.history import ended_at
from portal.incident.door import current_incident
from portal.lookups import looks
from portal.lookups.door import DEEDS
from portal.lookups.looks import SHEET, Looker
from portal.lookups.reasons import LOOKING
from portal.members import member
from portal.members.sessions import Present
from portal.tokens import fresh_id
from portal.web.locales import spoken_locale

door = Blueprint("records", __name__, url_prefix="/customers")
WORDS = {
    "results": record_words.RESULTS,
    "request_states": record_words.REQUESTS,
    "dropped": record_words.DROPPED,
    "proofs": record_words.PROOFS,
    "letter_kinds": record_words.LETTERS,
    "delivery": record_words.DELIVERY,
    "settled": record_words.SETTLED,
    "flag_words": record_words.FLAGS,
    "deeds": DEEDS,
    "why": record_words.WHY,
    "case_reasons": CASE_REASONS,
    "case_abouts": {"": record_words.ABOUT_WHAT} | dict(CASE_REASONS),
    "case_states": STATES,
    "show_number": show_number,
    "fields": record_words.FIELDS,
    "replacing": record_words.REPLACING,
}


FORMS = {"ask": UncoverForm, "act": ActForm, "replace": ReplaceForm, "case": CaseForm, "withdraw": WithdrawForm}


class Closed(Exception):
    """A record that is not open to this member, who has its number from elsewhere."""

    def __init__(self, me: Present, number: UUID) -> None:
        super().__init__(number)
        self.me, self.number = me, number


@door.errorhandler(Closed)
def refuse(closed: Closed) -> ResponseReturnValue:
    """Say how a record opens, and write down who tried."""
    said = {"actor": closed.me.member.actor, "subject": f"account:{closed.number}", "why": "closed"}
    with ground().database.write() as session:
        trail.record(session, Event.RECORD_REFUSED, now=ground().clock(), **said)
    return page(closed.me, "console/closed.html"), 403


@door.get("/<uuid:number>")
@staff(*LOOKERS)
def show(me: Present, number: UUID) -> ResponseReturnValue:
    """One account, masked."""
    with ground().database.write() as session:
        now = ground().clock()
        customer, looker = opened(session, me, number)
        looks.note(session, looker, customer.id, SHEET, now=now)
        said = {"reason": looker.reason, "search": str(looker.search or "")}
        trail.record(session, Event.RECORD_OPENED, now=now, actor=me.member.actor, subject=account(customer), **said)
    return sheet_page(me, customer)


@door.post("/<uuid:number>/uncovering")
@staff_post(*LOOKERS, step_up=True)
def uncover(me: Present, number: UUID) -> ResponseReturnValue:
    """Show one masked field on this page alone, for a reason, few times in an hour (STF-03)."""
    form, held, now = UncoverForm().given_once(), ground(), ground().clock()
    good = form.validate()
    with held.database.write() as session:
        customer, looker = opened(session, me, number)
        if good and (allowed := looks.may_unmask(session, me.member.id, now=now)):
            said = {"field": form.field.data, "reason": form.reason.data}
            note = Looker(looker.member, looker.role, form.reason.data, looker.search)
            looks.note(session, note, customer.id, form.field.data, now=now)
            event = Event.RECORD_UNMASKED
        elif good:
            said, event = {"reason": form.reason.data}, Event.RECORD_REFUSED
        if good:
            trail.record(session, event, now=now, actor=me.member.actor, subject=account(customer), **said)
    if not good:
        return sheet_page(me, customer, tried=form), 400
    if not allowed:
        form.reason.errors = [_l("You uncovered too many fields within an hour. This is written down.")]
        return sheet_page(me, customer, tried=form), 429
    return sheet_page(me, customer, shown={form.field.data: uncovered(held.keys, customer, form.field.data)})


def opened(session: Session, me: Present, number: UUID) -> tuple[Customer, Looker]:
    """The account, and as who and why the member looks; raises Closed where they did not find it in the last hour."""
    customer = customers.visible(session, number) or abort(404)
    found = looks.opening(session, me.member.id, number, now=ground().clock())
    if found is None or customer.brand not in brands_of(me):
        raise Closed(me, number)
    return customer, Looker(me.member.id, role_of(me), found.reason, found.search_id)


def account(customer: Customer) -> str:
    """What the trail calls an account."""
    return f"account:{customer.id}"


def sheet_page(me: Present, customer: Customer, *, tried: Any = None, shown: dict[str, str] | None = None) -> str:
    """The account's page; `tried` is a form that was refused, `shown` a field that was uncovered."""
    incident, now = current_incident(), ground().clock()
    with ground().database.read() as session:
        told = sheet(session, ground().keys, customer, now=now)
        names = member.names(session)
        granted = told.held.grant if told.held and told.held.grant.granted_at else None
        wished = replacing.proposed(session, granted, str(customer.id), now=now) if granted else None
    words = incident.words(spoken_locale()).short
    frame = {"one": told, "names": names, "tried": tried, "shown": shown or {}, "brand_name": _brand(customer)}
    frame |= {"once": fresh_id(), "looking": LOOKING, "wished": wished, "withdrawing": DECISIONS, **_forms(tried)}
    ends = {visit.id: ended_at(visit, now) for visit in told.visits}
    return page(me, "console/record.html", ends=ends, categories=words.categories, **frame, **WORDS)


def _forms(tried: Any) -> dict[str, StaffForm]:
    """All of the sheet's forms; the one that was refused keeps what was typed."""
    forms = {name: tried if isinstance(tried, form) else form(formdata=None) for name, form in FORMS.items()}
    for name, form in forms.items():
        for field in form:  # several have a reason and a note, and each is a place of its own on the page
            field.id = f"{name}-{field.name}"
    return forms


def _brand(customer: Customer) -> str:
    return current_incident().brand(customer.brand).name
