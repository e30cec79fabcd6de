"""The monitoring code: a page with a button, the press that gives or shows it, and a reminder to keep."""

from collections.abc import Callable
from datetime import date, datetime

from flask import Blueprint, Response, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.enrolment import codes, giving
from portal.enrolment.card import card
from portal.enrolment.giving import PoolEmpty, Wish
from portal.enrolment.grants import Grant
from portal.enrolment.pools import Pool
from portal.enrolment.reminder import calendar
from portal.enrolment.standing import NONE, WAITING, Standing, standing, today
from portal.extensions import ground, limiter
from portal.identity.acting import actor_of
from portal.identity.visits import Visit, needs_link, visit_page, visit_post
from portal.incident.door import current_incident
from portal.limits import REVEALS
from portal.moments import day_in_zone
from portal.web.forms import VisitForm
from portal.web.origins import speaking_origin

door = Blueprint("enrolment", __name__)

Act = Callable[..., Grant]
Shown = tuple[str, date, str]
Instead = ResponseReturnValue | None
# The page that must come before the code, by its endpoint, or None; the journey above us decides.
MayEnrol = Callable[[Session, Visit, datetime], str | None]


@door.get("/code")
@visit_page
@needs_link
def code(visit: Visit) -> ResponseReturnValue:
    """The offer and its button, the place in line, or why there is none; nothing is given here."""
    with ground().database.read() as session:
        stands, instead = _stands(session, visit)
    return instead or _page(stands)


@door.post("/code")
@visit_post
@needs_link
def reveal(visit: Visit) -> ResponseReturnValue:
    """Give the person a code if there was none, and show it: the same on every return (COD-05)."""
    g.person = visit.email_index.hex()
    return _reveal(visit)


@door.get("/code/reminder.ics")
@visit_page
@needs_link
def reminder(visit: Visit) -> ResponseReturnValue:
    """The last day of the code as a calendar entry."""
    with ground().database.read() as session:
        stands, instead = _stands(session, visit)
        grant = stands.grant if stands else None
        if instead or grant is None or grant.granted_at is None:
            return instead or redirect(url_for("enrolment.code"), 303)
        day = session.get_one(Pool, codes.of(session, grant.id).pool_id).expires
    response = Response(_entry(grant, day), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="reminder.ics"'
    return response


@limiter.limit(str(REVEALS), key_func=lambda: g.person)
def _reveal(visit: Visit) -> ResponseReturnValue:
    with ground().database.read() as session:
        stands, instead = _stands(session, visit)
    if instead or stands is None or stands.state == NONE:
        return instead or _page(stands)
    try:
        stands, shown = _give(visit, stands, giving.claim)
    except PoolEmpty:
        stands, shown = _give(visit, stands, giving.join)
    if shown is None:
        return _page(stands)
    held = card(current_incident(), get_locale(), stands.offer, *shown)
    return render_template("enrolment/card.html", card=held)


def _give(visit: Visit, stands: Standing, act: Act) -> tuple[Standing, Shown | None]:
    """How the visitor stands after this, and the code with its last day if there is one."""
    held, now, by = ground(), ground().clock(), actor_of(visit)
    day = today(current_incident(), now)
    wish = Wish(stands.person, stands.offer_id, speaking_origin(), str(get_locale()), by)
    given = stands.grant or giving.give(held.database, wish, day=day, now=now)
    with held.database.write() as session:
        if stands.grant is None:
            stands = stands.with_grant(session, given or act(session, wish, day=day, now=now))
        if stands.grant is None or stands.state == WAITING:
            return stands, None
        return stands, giving.reveal(session, held.keys, stands.grant, by=by, now=now)


def _stands(session: Session, visit: Visit) -> tuple[Standing | None, Instead]:
    now = ground().clock()
    may_enrol: MayEnrol = current_app.extensions["may_enrol"]
    if earlier := may_enrol(session, visit, now):
        return None, redirect(url_for(earlier), 303)
    stands = standing(session, ground().keys, current_incident(), visit, now=now)
    return stands, None if stands else redirect(url_for("incident.index"), 303)


def _page(stands: Standing | None) -> ResponseReturnValue:
    state = stands.state if stands else NONE
    name = {NONE: "none", WAITING: "waiting"}.get(state, "offer")
    return render_template(f"enrolment/{name}.html", stands=stands, form=VisitForm())


def _entry(grant: Grant, day: date) -> str:
    # What stands in a calendar is read over many a shoulder, so neither provider nor incident is named.
    last, page = day_in_zone(day, get_locale(), current_incident().zone), speaking_origin()
    text = _("Your code works until the end of %(day)s. You can look at it again here: %(page)s", day=last, page=page)
    uid = ground().keys.mac("reminder", str(grant.id)).hex()[:32]
    return calendar(title=_("Last day to use your code"), text=text, day=day, uid=uid, now=ground().clock())
