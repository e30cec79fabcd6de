"""Look-ups in numbers, for those who watch over the staff, and their export, which two people must agree on."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.approvals.proposals import propose
from portal.approvals.refusals import AlreadyProposed
from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import staff, staff_post
from portal.console.forms import values
from portal.console.inbox import acting
from portal.console.page import page
from portal.console.record_forms import ExportForm
from portal.console.words import STATES
from portal.extensions import ground
from portal.limits import SEARCHES_PER_MEMBER, UNMASKINGS_PER_MEMBER
from portal.lookups import exports, numbers
from portal.lookups.door import EXPORT
from portal.lookups.exports import Span
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.web.origins import site

FIRST_DAY = date(2000, 1, 1)  # no portal is older, and no zone reckons before the year one
ALLOWED = {"hour": SEARCHES_PER_MEMBER[0], "day": SEARCHES_PER_MEMBER[1], "unmasked": UNMASKINGS_PER_MEMBER}
door = Blueprint("lookups", __name__, url_prefix="/lookups")


@door.get("")
@staff(Role.ADMIN, Role.AUDITOR)
def show(me: Present) -> ResponseReturnValue:
    """How much each member looked up, and the exports."""
    return _page(me, _form(formdata=None))


@door.post("/exports")
@staff_post(Role.ADMIN, step_up=True)
def export(me: Present) -> ResponseReturnValue:
    """Propose that the look-ups of some past days may be taken out."""
    form, now = _form().given_once(), ground().clock()
    span = _span(form, now) if form.validate() else None
    if span is None:
        return _page(me, form), 400
    try:
        with ground().database.write() as session:
            said = {"actor": acting(me), "reason": form.reason.data, "note": form.note.data or ""}
            proposal = propose(session, EXPORT, exports.payload_of(session, span), now=now, **said)
    except AlreadyProposed as known:
        return redirect(url_for("console.inbox.one", number=known.number), 303)
    return redirect(url_for("console.inbox.one", number=proposal.id), 303)


@door.post("/exports/<int:number>")
@staff_post(Role.AUDITOR, step_up=True)
def take(me: Present, number: int) -> ResponseReturnValue:
    """The table that two people agreed on, marked with who takes it out, and when."""
    now, actor = ground().clock(), me.member.actor
    with ground().database.write() as session:
        proposal = exports.ready(session, number, now=now) or abort(404)
        text = exports.written(session, proposal, reader=actor, now=now)
        trail.record(session, Event.LOOKUPS_EXPORTED, now=now, actor=actor, subject=f"proposal {number}")
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="look-ups-{number}.csv"'
    return answer


def _span(form: ExportForm, now: datetime) -> Span | None:
    since, until = form.since.data, form.until.data
    today = now.astimezone(site().zone).date()
    if since is None or until is None or not FIRST_DAY <= since <= until < today:
        form.until.errors = [_l("Choose days that are over, the first one first.")]
        return None
    return Span(_begin(since), _begin(until + timedelta(days=1)))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), site().zone)


def _form(**said: object) -> ExportForm:
    form = ExportForm(**said)
    form.reason.choices = values(EXPORT.reasons)
    return form


def _page(me: Present, form: ExportForm) -> str:
    now = ground().clock()
    with ground().database.read() as session:
        counted = numbers.by_member(session, now=now)
        made = exports.latest(session)
        ready = {one.id for one in made if exports.ready(session, one.id, now=now)}
    said = {"made": made, "ready": ready, "state_words": STATES, "reasons": EXPORT.reasons}
    return page(me, "console/lookups.html", counted=counted, limits=ALLOWED, form=form, **said)
