"""The result page: a block for each account at the proven address."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort.result import AccountAnswer, answers
from portal.extensions import ground
from portal.identity import customers
from portal.identity.visits import Visit, visit_page
from portal.incident.door import current_incident
from portal.incident.revisions import current_number
from portal.journey.blocks import block
from portal.web.forms import VisitForm

door = Blueprint("journey", __name__)


@door.get("/status")
@visit_page
def status(visit: Visit) -> ResponseReturnValue:
    """What we know about each account, written down as told."""
    now = ground().clock()
    with ground().database.write() as session:
        accounts = customers.at_address(session, [visit.email_index])
        told = answers(session, accounts, current_number(session)) if accounts else []
        for answer in told:
            _record(session, answer, now)
    if not told:
        return redirect(url_for("incident.index"), 303)
    blocks = [block(current_incident(), str(get_locale()), answer) for answer in told]
    return render_template("journey/status.html", blocks=blocks, form=VisitForm())


def _record(session: Session, answer: AccountAnswer, now: datetime) -> None:
    said: dict[str, str | int] = {"result": answer.result, "revision": answer.since}
    trail.record(
        session, Event.RESULT_SHOWN, now=now, actor="customer", subject=f"account:{answer.customer.id}", **said
    )
