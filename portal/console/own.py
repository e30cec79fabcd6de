"""A member's own passkeys: a second one for the day on which the first is lost, and giving one up."""

import json
from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import EVERYBODY, staff, staff_post
from portal.console.forms import KeyForm
from portal.console.page import page
from portal.extensions import ground
from portal.members import codes, passkeys
from portal.members.passkeys import Passkey, PasskeyRefused, Place
from portal.members.sessions import Present
from portal.web.origins import site, speaking_origin

door = Blueprint("own", __name__)


@door.get("/passkeys")
@staff(*EVERYBODY)
def show(me: Present) -> ResponseReturnValue:
    """The member's passkeys."""
    return _page(me)


@door.post("/passkeys/check")
@staff_post(*EVERYBODY, step_up=True)
def check(_me: Present) -> ResponseReturnValue:
    """Show a passkey, so that one may be added."""
    return redirect(url_for("console.own.show"), 303)


@door.post("/passkeys")
@staff_post(*EVERYBODY)
def add(me: Present) -> ResponseReturnValue:
    """Keep one more passkey; the session must be fresh, because the form's passkey is the new one."""
    form, now = KeyForm().given_once(), ground().clock()
    with ground().database.write() as session:
        if not _may_add(me, passkeys.of(session, me.member), now):
            return _page(me), 403
        try:
            place, told, name = Place(speaking_origin()), form.credential.data or "", form.name.data or ""
            passkey = passkeys.register(session, place, me.member, told, name, now=now)
        except PasskeyRefused as refusal:
            actor = me.member.actor
            trail.record(session, Event.STAFF_REFUSED, now=now, actor=actor, subject="passkeys", why=str(refusal))
        else:
            trail.record(session, Event.PASSKEY_ADDED, now=now, actor=me.member.actor, subject=str(passkey.id))
            codes.end(session, me.member)
            return redirect(url_for("console.own.show"), 303)
    return _page(me, refused=True), 400


@door.post("/passkeys/<uuid:number>/removal")
@staff_post(*EVERYBODY, step_up=True)
def remove(me: Present, number: UUID) -> ResponseReturnValue:
    """Give a passkey up, but never the last one."""
    now = ground().clock()
    with ground().database.write() as session:
        if not passkeys.remove(session, me.member, number):
            abort(404)
        trail.record(session, Event.PASSKEY_REMOVED, now=now, actor=me.member.actor, subject=str(number))
    return redirect(url_for("console.own.show"), 303)


def _may_add(me: Present, held: list[Passkey], now: datetime) -> bool:
    return me.session.is_fresh(now) or (not held and me.session.is_new(now))


def _page(me: Present, *, refused: bool = False) -> str:
    with ground().database.read() as session:
        held = passkeys.of(session, me.member)
    may_add = _may_add(me, held, ground().clock())
    making = json.dumps(passkeys.making(Place(speaking_origin()), me.member, held, site().brands[0].name))
    said = {"held": held, "may_add": may_add, "making": making, "form": KeyForm(), "refused": refused}
    return page(me, "console/passkeys.html", **said)
