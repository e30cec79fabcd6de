"""Home: what a member may do here, and the way out."""

from flask import Blueprint, make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import COOKIE, EVERYBODY, staff, staff_post
from portal.console.page import page
from portal.console.words import ROLES, WAYS
from portal.extensions import ground
from portal.members import sessions
from portal.members.sessions import Present
from portal.web import cookies

door = Blueprint("home", __name__)


@door.get("")
@staff(*EVERYBODY)
def show(me: Present) -> ResponseReturnValue:
    """Who is signed in, and with which roles."""
    roles = [ROLES[role] for role in ROLES if role in me.member.holds]
    return page(me, "console/home.html", roles=roles, way=WAYS[me.session.how])


@door.post("/leave")
@staff_post(*EVERYBODY)
def leave(me: Present) -> ResponseReturnValue:
    """Sign out, on the server and in the browser."""
    now = ground().clock()
    with ground().database.write() as session:
        sessions.end_those_of(session, me.member.id, now=now)
        trail.record(session, Event.STAFF_LEFT, now=now, actor=me.member.actor, subject=str(me.session.id))
    response = make_response(redirect(url_for("console.entrance.show"), 303))
    cookies.forget(response, COOKIE)
    # Never "cookies": that would delete those of the company's other sites too (SES-06).
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
