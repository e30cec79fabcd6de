"""The trail, for those who read it; each look is written into it too."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.audit import reading, trail
from portal.audit.events import Event
from portal.audit.reading import Search
from portal.console.access import staff
from portal.console.forms import TrailForm, values
from portal.console.page import page
from portal.extensions import ground
from portal.members import member
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.web.origins import site

door = Blueprint("trail", __name__)


@door.get("/trail")
@staff(Role.AUDITOR, Role.APPROVER)
def show(me: Present) -> ResponseReturnValue:
    """The newest entries, or those that are looked for."""
    form, now = TrailForm(), ground().clock()
    form.kind.choices = values(["", *Event])
    if not form.validate():
        return page(me, "console/trail.html", form=form, entries=[], names={}, more=None), 400
    search = _search(form)
    with ground().database.write() as session:
        found = reading.entries(session, search)
        names = member.names(session)
        trail.record(session, Event.TRAIL_READ, now=now, actor=me.member.actor, subject="trail", **search.words)
    more = found[-1].event.id if len(found) == reading.PAGE else None
    return page(me, "console/trail.html", form=form, entries=found, names=names, more=more)


def _search(form: TrailForm) -> Search:
    since, until = _within(form.day.data) if form.day.data else (None, None)
    return Search(
        kind=form.kind.data or "",
        actor=(form.actor.data or "").strip(),
        subject=(form.subject.data or "").strip(),
        since=since,
        until=until,
        before=request.args.get("before", type=int),
    )


def _within(day: date) -> tuple[datetime, datetime]:
    """The day as it is in the incident's zone."""
    begins, ends = (datetime.combine(one, time(), site().zone) for one in (day, day + timedelta(days=1)))
    return begins, ends
