"""The customer behind a case: who works on it opens the record, or uncovers the address that was claimed."""

from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases.case import Case, change
from portal.console.access import staff_post
from portal.console.desk_forms import ContactForm, RecordForm
from portal.console.finders import accounts_of
from portal.console.forms import values
from portal.console.search import brands_of, role_of
from portal.console.sight import act, case_of, sight
from portal.extensions import ground
from portal.lookups import looks
from portal.lookups.looks import Looker
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("case_records", __name__, url_prefix="/desk/<uuid:number>")


@door.post("/record")
@staff_post(Role.AGENT)
def open_record(me: Present, number: UUID) -> ResponseReturnValue:
    """Let the record be read for an hour by whoever works on the case."""
    form = RecordForm()
    with ground().database.read() as session:
        found = {str(one.id): one for one in accounts_of(session, case_of(session, me, number))}
    form.account.choices = values(name for name, one in found.items() if one.brand in brands_of(me))

    def do(session: Session, case: Case, version: int) -> None:
        now = ground().clock()
        change(session, case.id, version, by=me.member.actor, now=now)
        looks.note(session, _looker(me, case, form.reason.data), found[form.account.data].id, looks.CASE, now=now)

    def then() -> ResponseReturnValue:
        return redirect(url_for("console.records.show", number=form.account.data), 303)

    return act(me, number, form, do, then)


@door.post("/uncovering")
@staff_post(Role.AGENT, step_up=True)
def uncover(me: Present, number: UUID) -> ResponseReturnValue:
    """Show the address that was claimed, on this page alone; it counts as one of the few fields in an hour (STF-03)."""
    form, allowed = ContactForm(), False

    def do(session: Session, case: Case, version: int) -> None:
        nonlocal allowed
        now, said = ground().clock(), {"field": "contact", "reason": form.reason.data}
        if case.contact_sealed is None:
            abort(404)
        change(session, case.id, version, by=me.member.actor, now=now)
        allowed = looks.may_unmask(session, me.member.id, now=now)
        if allowed:
            looks.note(session, _looker(me, case, form.reason.data), None, looks.ADDRESS, now=now)
        event = Event.RECORD_UNMASKED if allowed else Event.RECORD_REFUSED
        trail.record(session, event, now=now, actor=me.member.actor, subject=case.subject, **said)

    def then() -> ResponseReturnValue:
        return sight(me, number, uncovered=True) if allowed else (sight(me, number, refused="TooManyUncovered"), 429)

    return act(me, number, form, do, then)


def _looker(me: Present, case: Case, reason: str) -> Looker:
    return Looker(me.member.id, role_of(me), reason, case=case.id)
