"""For whom a visitor acts: the page of those whom they help, and the choice of one of them."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Length

from portal.audit import trail
from portal.audit.events import Event
from portal.extensions import ground
from portal.identity import acting, visits
from portal.identity.helpers import Helper
from portal.identity.visits import Visit, visit_page, visit_post
from portal.incident.door import current_incident
from portal.web.forms import VisitForm

HANDLE_LENGTH = 32
door = Blueprint("helping", __name__)


class ForForm(VisitForm):
    """For whom, by a name that is good in this visit alone."""

    helper = StringField(validators=[Length(max=HANDLE_LENGTH)])


@door.get("/helping")
@visit_page
def ask(visit: Visit) -> ResponseReturnValue:
    """Those for whom the visitor may act."""
    with ground().database.read() as session:
        found = acting.choices(session, visit, now=ground().clock())
    if not found:
        return redirect(url_for("incident.index"), 303)
    shown = [(_handle(visit, one), one, current_incident().brand(account.brand).name) for one, account in found]
    return render_template("identity/helping.html", helps=shown, form=ForForm(formdata=None))


@door.post("/helping")
@visit_post
def choose(visit: Visit) -> ResponseReturnValue:
    """Let the visit be about one of them, until it ends."""
    given, now = ForForm().given_once().helper.data or "", ground().clock()
    with ground().database.write() as session:
        named = {_handle(visit, one): one for one, _ in acting.choices(session, visit, now=now)}
        helper = named.get(given) or abort(404)
        visits.act_as(session, visit, helper.id)
        subject = f"account:{helper.customer_id}"
        trail.record(session, Event.HELPER_CAME, now=now, actor=helper.subject, subject=subject)
    return redirect(url_for("journey.status"), 303)


def _handle(visit: Visit, helper: Helper) -> str:
    return ground().keys.mac("helping form", visit.id.hex, helper.id.hex).hex()[:HANDLE_LENGTH]
