"""Who may act for a customer, and whether one has died: proposed by an agent who found the record, ended by any."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.approvals import proposals
from portal.approvals.refusals import AlreadyProposed
from portal.audit import trail
from portal.audit.events import Event
from portal.cases import helping
from portal.cases.appointing import HELPER, LASTS, PASSING, RELATIONS, SCOPES
from portal.console.access import staff, staff_post
from portal.console.forms import StaffForm, values
from portal.console.helping_forms import HelperForm, PassingForm
from portal.console.inbox import acting
from portal.console.page import page
from portal.console.records import Closed, account, opened, refuse
from portal.console.search import LOOKERS
from portal.console.sheets import heading
from portal.extensions import ground
from portal.identity import addresses, helpers
from portal.identity.customers import Customer
from portal.identity.helpers import Helper, Relation, Scope
from portal.incident.door import current_incident as site
from portal.lookups import looks, masks
from portal.lookups.looks import Looker
from portal.members import member
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("helping", __name__, url_prefix="/customers")
door.register_error_handler(Closed, refuse)


@door.get("/<uuid:number>/helpers")
@staff(*LOOKERS)
def show(me: Present, number: UUID) -> ResponseReturnValue:
    """Those who help or helped, and the forms."""
    with ground().database.read() as session:
        customer, _ = opened(session, me, number)
    return _page(me, customer)


@door.post("/<uuid:number>/helpers")
@staff_post(Role.AGENT, step_up=True)
def appoint(me: Present, number: UUID) -> ResponseReturnValue:
    """Propose that somebody acts for the customer."""
    form, now = _helper_form().given_once(), ground().clock()
    good = form.validate()
    with ground().database.write() as session:
        customer, looker = opened(session, me, number)
        if good:
            helper = _written(session, me, customer, form, now)
            _note(session, looker, customer, looks.HELPER, now)
            payload, said = helping.payload_of(session, helper), {"reason": form.reason.data or ""}
            proposals.propose(session, HELPER, payload, actor=acting(me), now=now, **said)
    return redirect(url_for("console.helping.show", number=number), 303) if good else (_page(me, customer, form), 400)


@door.post("/<uuid:number>/helpers/<uuid:helper>/end")
@staff_post(Role.AGENT)
def end(me: Present, number: UUID, helper: UUID) -> ResponseReturnValue:
    """Let somebody act no longer; nobody else has to agree."""
    now = ground().clock()
    with ground().database.write() as session:
        customer, looker = opened(session, me, number)
        if helper in {one.id for one in helpers.of(session, [customer.id])}:
            helping.end(session, helper, by=me.member.actor, now=now)
            _note(session, looker, customer, looks.HELPER, now)
    return redirect(url_for("console.helping.show", number=number), 303)


@door.post("/<uuid:number>/passing")
@staff_post(Role.AGENT, step_up=True)
def passing(me: Present, number: UUID) -> ResponseReturnValue:
    """Propose that the customer has died, or that this was a mistake."""
    form, now = _passing_form().given_once(), ground().clock()
    good = form.validate()
    try:
        with ground().database.write() as session:
            customer, looker = opened(session, me, number)
            if good:
                _note(session, looker, customer, looks.PASSING, now)
                payload, reason = helping.passing_of(customer), form.reason.data or ""
                proposals.propose(session, PASSING, payload, actor=acting(me), reason=reason, now=now)
    except AlreadyProposed:
        pass
    return redirect(url_for("console.helping.show", number=number), 303) if good else (_page(me, customer, form), 400)


def _written(session: Session, me: Present, customer: Customer, form: HelperForm, now: datetime) -> Helper:
    until = form.ends_at(site().zone)
    scope, address = map(Scope, form.may.data or ()), addresses.read(form.email.data or "")
    relation, by = Relation(form.relation.data), me.member.actor
    helper = helpers.write_down(
        session, ground().keys, customer.id, relation, scope, address, until=until, by=by, now=now
    )
    said = {"helper": str(helper.id), "relation": helper.relation, "may": helper.may}
    trail.record(session, Event.HELPER_PROPOSED, now=now, actor=by, subject=account(customer), **said)
    return helper


def _note(session: Session, looker: Looker, customer: Customer, what: str, now: datetime) -> None:
    looks.note(session, looker, customer.id, what, now=now)


def _helper_form(**said: None) -> HelperForm:
    form = HelperForm(**said)
    form.relation.offer(RELATIONS)
    form.reason.offer(HELPER.reasons)
    form.may.choices = values(one for one in SCOPES if one != Scope.ANSWER)
    form.today = ground().clock().astimezone(site().zone).date()
    return form


def _passing_form(**said: None) -> PassingForm:
    form = PassingForm(**said)
    form.reason.offer(PASSING.reasons)
    return form


def _page(me: Present, customer: Customer, tried: StaffForm | None = None) -> str:
    keys, now = ground().keys, ground().clock()
    with ground().database.read() as session:
        found = helpers.of(session, [customer.id])
        names = member.names(session)
    living = [one for one in found if one.approved_by or now - one.proposed_at < LASTS]
    told: dict[str, Any] = {"customer": customer, "names": names, "heading": heading(keys, customer), "now": now}
    told |= {"helping": [(one, masks.address(helpers.stored_address(keys, one))) for one in living], "tried": tried}
    told |= {"form": tried if isinstance(tried, HelperForm) else _helper_form(formdata=None)}
    told |= {"passing": tried if isinstance(tried, PassingForm) else _passing_form(formdata=None)}
    told |= {"relations": RELATIONS, "scopes": SCOPES, "reasons": HELPER.reasons, "passing_reasons": PASSING.reasons}
    told |= {"brand_name": site().brand(customer.brand).name}
    return page(me, "console/helpers.html", **told)
