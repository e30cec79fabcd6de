"""The result page: a block for each account at the proven address."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort import disputes
from portal.cohort.result import AccountAnswer, answers
from portal.extensions import ground
from portal.identity import acting
from portal.identity.acting import accounts_of
from portal.identity.visits import Visit, visit_page
from portal.incident.door import current_incident
from portal.incident.revisions import current_number
from portal.journey.blocks import block
from portal.journey.consequences import draw_now
from portal.journey.steps import Step, before_code, next_page, steps
from portal.web.forms import VisitForm

door = Blueprint("journey", __name__)


@door.get("/status")
@visit_page
def status(visit: Visit) -> ResponseReturnValue:
    """What we know about each account, written down as told."""
    now = ground().clock()
    with ground().database.write() as session:
        accounts = accounts_of(session, visit, now=now)
        told = answers(session, accounts, current_number(session)) if accounts else []
        draw_now(session, told, now=now)
        told = disputes.reviewed(session, told)
        for answer in told:
            _record(session, answer, acting.actor_of(visit), now)
        ahead = _steps(session, visit) if told else []
        helps, helper = acting.choices(session, visit, now=now), acting.helper_of(session, visit, now=now)
    if not told:
        return redirect(url_for("helping.ask" if helps and not helper else "incident.index"), 303)
    blocks = [block(current_incident(), str(get_locale()), answer) for answer in told]
    values = {"helper": helper, "helps": helps, "form": VisitForm()}
    return render_template("journey/status.html", blocks=blocks, steps=ahead, **values)


@door.get("/next")
@visit_page
def next_step(visit: Visit) -> ResponseReturnValue:
    """Lead on to what is still to do."""
    with ground().database.read() as session:
        return redirect(url_for(next_page(_steps(session, visit))), 303)


@door.get("/done")
@visit_page
def done(visit: Visit) -> ResponseReturnValue:
    """What was done, what stays to do, and the way out."""
    with ground().database.read() as session:
        ahead = _steps(session, visit)
    return render_template("journey/done.html", steps=ahead, form=VisitForm())


def what_comes_first(session: Session, visit: Visit, now: datetime) -> str | None:
    """For the page of the code: what must be done before it."""
    return before_code(session, current_incident(), visit, now=now)


def _steps(session: Session, visit: Visit) -> list[Step]:
    return steps(session, ground().keys, current_incident(), visit, now=ground().clock())


def _record(session: Session, answer: AccountAnswer, actor: str, now: datetime) -> None:
    said: dict[str, str | int] = {"result": answer.result, "revision": answer.since}
    trail.record(session, Event.RESULT_SHOWN, now=now, actor=actor, subject=f"account:{answer.customer.id}", **said)
