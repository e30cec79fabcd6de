"""Codes of an app, for a member whose device makes no passkeys yet: by the invitation, and for one day."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import anyone, keep_cookie
from portal.console.forms import CodeForm
from portal.extensions import ground, limiter, no_more_than
from portal.limits import PASSKEYS_PER_HOST
from portal.members import codes, invitations, member, sessions
from portal.members.invitations import Invitation
from portal.members.member import Member
from portal.networks import client_network
from portal.web.fetch_metadata import public_post

door = Blueprint("codes", __name__)
NOT_GOOD = _l("This code is not good. Wait for the next one in your app.")
REFUSED = _l(
    "We did not accept that. Each code works once. They end a day after you began, and with your first passkey."
)


@door.post("/join/codes")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def begin() -> ResponseReturnValue:
    """Show what the app needs; nothing is kept yet."""
    form = CodeForm().given_once()
    with ground().database.read() as session:
        return _ask(form) if _invitation(session, form) else _no_invitation(form)


@door.post("/join/codes/check")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def finish() -> ResponseReturnValue:
    """Keep the secret once a code shows that the app has it, and open a session."""
    form, held, now = CodeForm().given_once(), ground(), ground().clock()
    with held.database.write() as session:
        invitation = _invitation(session, form)
        if invitation is None:
            return _no_invitation(form)
        me = session.get_one(Member, invitation.member_id)
        if not codes.begin(session, held.keys, me, _secret(form), form.code.data or "", now=now):
            form.code.errors = [NOT_GOOD]
            return _ask(form), 400
        if not invitations.spend(session, invitation, now=now):
            abort(409)  # somebody else was faster, and nothing of this is kept
        return _enter(session, me)


@door.get("/enter/codes")
@anyone
def show() -> ResponseReturnValue:
    """Ask for address and code."""
    return render_template("console/code.html", form=CodeForm())


@door.post("/enter/codes")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def enter() -> ResponseReturnValue:
    """Open a session for a good code; every failure is one page."""
    form, held, now = CodeForm().given_once(), ground(), ground().clock()
    with held.database.write() as session:
        me = member.at_address(session, held.keys, form.email.data or "") if form.validate() else None
        good = me is not None and codes.check(session, held.keys, me, form.code.data or "", now=now)
        if me is not None and good and me.disabled_at is None:
            return _enter(session, me)
        trail.record(session, Event.STAFF_REFUSED, now=now, actor="visitor", subject="codes", why="code")
    form.email.errors, form.code.errors = [], [REFUSED]  # whatever it was, everybody hears the same
    return render_template("console/code.html", form=form), 400


def _enter(session: Session, me: Member) -> Response:
    held, now = ground(), ground().clock()
    cookie = sessions.open_session(session, held.keys, me, client_network(), sessions.TOTP, now=now)
    trail.record(session, Event.STAFF_ENTERED, now=now, actor=me.actor, subject="codes", how=sessions.TOTP)
    return keep_cookie(make_response(redirect(url_for("console.own.show"), 303)), cookie)


def _invitation(session: Session, form: CodeForm) -> Invitation | None:
    link, now = (form.public_id.data or "", form.token.data or ""), ground().clock()
    found = invitations.find(session, ground().keys, *link, now=now) if form.validate() else None
    return found if found and found.allows_codes else None


def _secret(form: CodeForm) -> str:
    return codes.secret_of(ground().keys, form.public_id.data or "", form.token.data or "")


def _ask(form: CodeForm) -> str:
    secret = _secret(form)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template("console/make_codes.html", form=form, secret=grouped)


def _no_invitation(form: CodeForm) -> tuple[str, int]:
    return render_template("console/join.html", form=form, refused=True), 400
