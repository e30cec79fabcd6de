"""Joining: an invitation's link leads here, and a passkey is made; opening the link changes nothing."""

import json

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import anyone, keep_cookie
from portal.console.forms import JoinForm
from portal.console.page import asking
from portal.extensions import ground, limiter, no_more_than
from portal.limits import PASSKEYS_PER_HOST
from portal.members import codes, invitations, passkeys, sessions
from portal.members.invitations import Invitation
from portal.members.member import Member
from portal.members.passkeys import PasskeyRefused, Place
from portal.networks import client_network
from portal.web.fetch_metadata import public_post
from portal.web.origins import site, speaking_origin

door = Blueprint("joining", __name__)


@door.get("/join")
@anyone
def show() -> ResponseReturnValue:
    """The page that the letter's link opens."""
    return render_template("console/join.html", form=JoinForm())


@door.post("/join")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def begin() -> ResponseReturnValue:
    """Look whether the invitation is good, and ask for a passkey; nothing is spent yet."""
    form = JoinForm().given_once()
    with ground().database.read() as session:
        invitation = _invitation(session, form)
        if invitation is None:
            return render_template("console/join.html", form=form, refused=True), 400
        return _ask(session, form, invitation)


@door.post("/join/passkey")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def finish() -> ResponseReturnValue:
    """Keep the passkey, spend the invitation, and open a session."""
    form = JoinForm().given_once()
    now, held = ground().clock(), ground()
    with held.database.write() as session:
        invitation = _invitation(session, form)
        if invitation is None:
            return render_template("console/join.html", form=form, refused=True), 400
        me = session.get_one(Member, invitation.member_id)
        try:
            place, told, name = Place(speaking_origin()), form.credential.data or "", form.name.data or ""
            passkey = passkeys.register(session, place, me, told, name, now=now)
        except PasskeyRefused as refusal:
            trail.record(session, Event.STAFF_REFUSED, now=now, actor=me.actor, subject="joining", why=str(refusal))
            return _ask(session, form, invitation, refused=True), 400
        if not invitations.spend(session, invitation, now=now):
            abort(409)  # somebody else was faster, and nothing of this is kept
        codes.end(session, me)
        cookie = sessions.open_session(session, held.keys, me, client_network(), sessions.PASSKEY, now=now)
        trail.record(session, Event.PASSKEY_ADDED, now=now, actor=me.actor, subject=str(passkey.id))
    return keep_cookie(make_response(redirect(url_for("console.home.show"), 303)), cookie)


def _invitation(session: Session, form: JoinForm) -> Invitation | None:
    if not form.validate():
        return None
    link, now = (form.public_id.data or "", form.token.data or ""), ground().clock()
    return invitations.find(session, ground().keys, *link, now=now)


def _ask(session: Session, form: JoinForm, invitation: Invitation, *, refused: bool = False) -> str:
    me = session.get_one(Member, invitation.member_id)
    known = passkeys.of(session, me)
    making = json.dumps(passkeys.making(Place(speaking_origin()), me, known, site().brands[0].name))
    values = {"form": form, "name": me.name, "making": making, "refused": refused}
    values["allows_codes"] = invitation.allows_codes
    return render_template("console/make_passkey.html", **values, **asking())
