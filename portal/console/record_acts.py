"""Acts on a record: each for a reason, written down for the customer too, and done once however often it is sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort import disputes
from portal.console.access import staff_post
from portal.console.record_forms import ActForm
from portal.console.records import Closed, account, opened, refuse, sheet_page
from portal.extensions import ground
from portal.identity.asking import ask_for
from portal.identity.customers import Customer
from portal.identity.history import mailboxes_of
from portal.incident.door import current_incident
from portal.incident.revisions import current_number
from portal.lookups import looks
from portal.lookups.looks import Looker
from portal.mail import suppressions
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.networks import client_host, client_network
from portal.reset import obligations, operations

door = Blueprint("record_acts", __name__, url_prefix="/customers")
door.register_error_handler(Closed, refuse)
STOPPED_FOR = timedelta(days=30)
Do = Callable[[Session, Customer, datetime, UUID], object]


@door.post("/<uuid:number>/link")
@staff_post(Role.AGENT)
def link(me: Present, number: UUID) -> ResponseReturnValue:
    """Let a fresh link go to the address on file; the same limits hold as for the customer."""

    def do(session: Session, customer: Customer, now: datetime, _once: UUID) -> None:
        incident = current_incident()
        locale = customer.locale if customer.locale in incident.locales else incident.locales[0]
        asker = {"host": client_host(), "network": client_network()}
        origin = incident.brand(customer.brand).origin
        ask_for(session, ground().keys, customer, origin=origin, locale=str(locale), now=now, **asker)

    return _act(me, number, looks.LINK, Event.LINK_ORDERED, do)


@door.post("/<uuid:number>/silence")
@staff_post(Role.AGENT)
def silence(me: Present, number: UUID) -> ResponseReturnValue:
    """Write no letter to this mailbox for thirty days."""

    def do(session: Session, customer: Customer, now: datetime, _once: UUID) -> None:
        mailbox, *_ = mailboxes_of(ground().keys, customer)
        suppressions.suppress(session, mailbox, suppressions.STAFF, now=now, lasts=STOPPED_FOR)

    return _act(me, number, looks.STOPPED, Event.LETTERS_STOPPED, do)


@door.post("/<uuid:number>/speech")
@staff_post(Role.AGENT)
def speech(me: Present, number: UUID) -> ResponseReturnValue:
    """Let letters go out again; what the mailbox's owner stopped, only the owner can undo."""

    def do(session: Session, customer: Customer, _now: datetime, _once: UUID) -> None:
        for mailbox in mailboxes_of(ground().keys, customer):
            for reason in (suppressions.STAFF, suppressions.BOUNCED):
                suppressions.lift(session, mailbox, reason)

    return _act(me, number, looks.RESUMED, Event.LETTERS_RESUMED, do)


@door.post("/<uuid:number>/reset")
@staff_post(Role.AGENT)
def reset(me: Present, number: UUID) -> ResponseReturnValue:
    """Require a new password, whatever was set before."""

    def do(session: Session, customer: Customer, now: datetime, _once: UUID) -> None:
        if customer.guest or customer.social:
            abort(409)  # there is no password of ours, and nothing of this is kept
        if obligations.require(session, customer.id, current_number(session), now=now):
            operations.order(session, operations.EXPIRE, customer.id, now=now)

    return _act(me, number, looks.RESET, Event.RESET_REQUIRED, do)


@door.post("/<uuid:number>/review")
@staff_post(Role.AGENT)
def review(me: Present, number: UUID) -> ResponseReturnValue:
    """Put the answer under review, until a revision gives another or an approver finds that it stands."""

    def do(session: Session, customer: Customer, now: datetime, once: UUID) -> None:
        disputes.dispute(session, customer.id, about=once, actor=me.member.actor, now=now)

    return _act(me, number, looks.FLAGGED, Event.RESULT_FLAGGED, do)


@door.post("/<uuid:number>/standing")
@staff_post(Role.APPROVER)
def stand(me: Present, number: UUID) -> ResponseReturnValue:
    """Find that an answer stands which staff had put under review; what a case disputes, the case decides."""

    def do(session: Session, customer: Customer, now: datetime, _once: UUID) -> None:
        about = disputes.open_about(session, customer.id)
        if about is None or looks.act_of(session, about) is None:
            abort(409)
        disputes.decide(session, about, disputes.STANDS, by=me.member.actor, now=now)

    return _act(me, number, looks.CONFIRMED, Event.RESULT_CONFIRMED, do)


def _act(me: Present, number: UUID, what: str, event: Event, do: Do) -> ResponseReturnValue:
    form, held, now = ActForm().given_once(), ground(), ground().clock()
    good = form.validate()
    with held.database.write() as session:
        customer, found = opened(session, me, number)
        if good:
            looker = Looker(found.member, found.role, form.reason.data, found.search)
            # A page has one number for all its acts, so each act on it makes its own of that.
            once, note = uuid5(UUID(form.once.data), what), (form.note.data or "").strip()
            if looks.note_act(session, held.keys, looker, customer.id, what, once, note, now=now):
                do(session, customer, now, once)
                said = {"actor": me.member.actor, "subject": account(customer), "reason": form.reason.data}
                trail.record(session, event, now=now, **said)
    if not good:
        return sheet_page(me, customer, tried=form), 400
    return redirect(url_for("console.records.show", number=number), 303)
