"""Mailboxes: changes of a lost mailbox's address, as an agent brings them together and an approver looks at them."""

from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from portal.approvals import proposals
from portal.approvals.refusals import AlreadyProposed, NotTaken
from portal.cases import cancelling, claims, cooling, posted
from portal.cases.alerts import Watch
from portal.cases.case import Case, CaseMoved
from portal.cases.claiming import AlreadyChanging, Brought, EvidenceRefused, NobodyApproves, Proposing
from portal.cases.door import CHANGE, SOONER
from portal.cases.proofing import COOLING, AddressChange, ChangeMoved
from portal.console import beginning, paper_letter
from portal.console.access import staff, staff_post
from portal.console.beginning import TooManySearches
from portal.console.inbox import acting
from portal.console.mailbox_pages import begin_form, evidence_form, hurry_form, listed, moved, own_change, shown
from portal.extensions import ground
from portal.incident.door import current_incident as site
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.networks import client_network
from portal.tokens import show_code

door = Blueprint("mailboxes", __name__, url_prefix="/mailboxes")


@door.get("")
@staff(Role.AGENT, Role.APPROVER)
def show(me: Present) -> ResponseReturnValue:
    """Changes that have not ended, those that want a second look, and the form for another."""
    return listed(me, begin_form(formdata=None))


@door.post("")
@staff_post(Role.AGENT)
def begin(me: Present) -> ResponseReturnValue:
    """Write the new address of an account down, in a case that one works on."""
    form = begin_form().given_once()
    if not form.validate():
        return listed(me, form), 400
    try:
        number = beginning.begin(me, form)
    except TooManySearches as refusal:
        form.number.errors = [beginning.REFUSALS[type(refusal)]]
        return listed(me, form), 429
    except (LookupError, CaseMoved, AlreadyChanging) as refusal:
        form.number.errors = [beginning.REFUSALS[type(refusal)]]
        return listed(me, form), 409
    return redirect(url_for("console.mailboxes.one", number=number), 303)


@door.get("/<uuid:number>")
@staff(Role.AGENT, Role.APPROVER)
def one(me: Present, number: UUID) -> ResponseReturnValue:
    """One change."""
    return shown(me, number)


@door.post("/<uuid:number>/letter")
@staff_post(Role.AGENT, step_up=True)
def letter(me: Present, number: UUID) -> ResponseReturnValue:
    """The letter on paper with a fresh code, to print, in the customer's language."""
    held, now = ground(), ground().clock()
    try:
        with held.database.write() as session:
            change, case = _mine(session, me, number)
            code = posted.issue(session, held.keys, change, by=me.member.actor, now=now)
    except (ChangeMoved, CaseMoved):
        return moved(me, number)
    with force_locale(case.locale):
        return paper_letter.shown(me, case, show_code(code), now=now)


@door.post("/<uuid:number>/proposal")
@staff_post(Role.AGENT, step_up=True)
def propose(me: Present, number: UUID) -> ResponseReturnValue:
    """Ask a second person."""
    return _propose(me, number, duress=False)


@door.post("/<uuid:number>/priority")
@staff_post(Role.AGENT, step_up=True)
def prioritise(me: Present, number: UUID) -> ResponseReturnValue:
    """The button of a member under duress: it looks as if it were sent on, and only the officers hear of it."""
    return _propose(me, number, duress=True)


@door.post("/<uuid:number>/hurry")
@staff_post(Role.AGENT, step_up=True)
def hurry(me: Present, number: UUID) -> ResponseReturnValue:
    """Propose that a change waits no longer; two others must agree."""
    form, now = hurry_form().given_once(), ground().clock()
    if not form.validate():
        return shown(me, number, form), 400
    try:
        with ground().database.write() as session:
            change, _ = _mine(session, me, number)
            if change.state != COOLING:
                raise ChangeMoved
            payload, reason = cooling.hurry_payload(change), form.reason.data or ""
            proposals.propose(session, SOONER, payload, actor=acting(me), reason=reason, now=now)
    except AlreadyProposed:
        pass
    except (ChangeMoved, CaseMoved, NotTaken):
        return moved(me, number)
    return redirect(url_for("console.mailboxes.one", number=number), 303)


@door.post("/<uuid:number>/cancellation")
@staff_post(Role.AGENT)
def cancel(me: Present, number: UUID) -> ResponseReturnValue:
    """Stop a change."""
    try:
        with ground().database.write() as session:
            change, _ = _mine(session, me, number)
            cancelling.by_member(session, change, by=me.member.actor, now=ground().clock())
    except (ChangeMoved, CaseMoved):
        return moved(me, number)
    return redirect(url_for("console.mailboxes.one", number=number), 303)


@door.post("/<uuid:number>/review")
@staff_post(Role.APPROVER, step_up=True)
def review(me: Present, number: UUID) -> ResponseReturnValue:
    """Say that a third person looked at it."""
    try:
        with ground().database.write() as session:
            cooling.review(session, _change(session, me, number), by=me.member.actor, now=ground().clock())
    except ChangeMoved:
        return moved(me, number)
    return redirect(url_for("console.mailboxes.show"), 303)


def _propose(me: Present, number: UUID, *, duress: bool) -> ResponseReturnValue:
    form, held, now = evidence_form().given_once(), ground(), ground().clock()
    if not form.validate():
        return shown(me, number, form), 400
    network = held.keys.mac("staff network", client_network())
    brought = Brought(form.evidence.data or (), form.reason.data or "", network)
    proposing = Proposing(CHANGE, site().evidence.good(), _watch())
    try:
        with held.database.write() as session:
            change, _ = _mine(session, me, number)
            proposing.propose(session, change, brought, actor=acting(me), duress=duress, now=now)
    except (EvidenceRefused, NobodyApproves) as refusal:
        form.evidence.errors = [form.REFUSALS[type(refusal)]]
        return shown(me, number, form), 409
    except (ChangeMoved, CaseMoved, NotTaken):
        return moved(me, number)
    return redirect(url_for("console.mailboxes.one", number=number), 303)


def _watch() -> Watch:
    held = ground()
    return Watch(held.keys, held.settings.officer_addresses, site().brands[0].origin, site().locales[0])


def _change(session: Session, me: Present, number: UUID) -> AddressChange:
    return own_change(session, me, number) or abort(404)


def _mine(session: Session, me: Present, number: UUID) -> tuple[AddressChange, Case]:
    """A change and its case, which this member works on from now on; raises CaseMoved where another does."""
    change = _change(session, me, number)
    case = session.get_one(Case, change.case_id)
    claims.claim(session, case, case.version, by=me.member.actor, now=ground().clock())
    return change, case
