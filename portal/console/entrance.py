"""The entrance: show a passkey and come in; no name is typed, and nobody is told who has a place here."""

from flask import Blueprint, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import anyone, keep_cookie, present
from portal.console.forms import EnterForm
from portal.console.page import asking
from portal.extensions import ground, limiter, no_more_than
from portal.limits import PASSKEYS_PER_HOST
from portal.members import challenges, passkeys, sessions
from portal.members.member import Member
from portal.members.passkeys import PasskeyRefused, Place
from portal.networks import client_network
from portal.web.fetch_metadata import public_post
from portal.web.origins import speaking_origin

door = Blueprint("entrance", __name__)
REFUSED = _l(
    "We did not accept that. Use the passkey that you made for this console, and let the device check that it is you."
)


def entrance(problem: LazyString | None = None) -> str:
    """The sign-in page, with what went wrong."""
    has_company = ground().settings.oidc_issuer is not None
    return render_template("console/enter.html", form=EnterForm(), problem=problem, has_company=has_company, **asking())


@door.get("/enter")
@anyone
def show() -> ResponseReturnValue:
    """The sign-in page; who is signed in goes on."""
    if present():
        return redirect(url_for("console.home.show"), 303)
    return entrance()


@door.post("/challenge")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def challenge() -> ResponseReturnValue:
    """A fresh challenge for the script of this page, good once and for five minutes."""
    with ground().database.write() as session:
        return jsonify(challenge=challenges.give(session, now=ground().clock()))


@door.post("/enter")
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def enter() -> ResponseReturnValue:
    """Open a session for whoever the passkey belongs to; every failure is one page."""
    form = EnterForm().given_once()
    cookie = _opened(form.credential.data or "") if form.validate() else None
    if cookie is None:
        return entrance(REFUSED), 400
    return keep_cookie(make_response(redirect(url_for("console.home.show"), 303)), cookie)


def _opened(told: str) -> str | None:
    held, now = ground(), ground().clock()
    with held.database.write() as session:
        try:
            passkey = passkeys.prove(session, Place(speaking_origin()), told, now=now)
        except PasskeyRefused as refusal:
            # Within the transaction, so that a failed try spends its challenge too.
            trail.record(session, Event.STAFF_REFUSED, now=now, actor="visitor", subject="entrance", why=str(refusal))
            return None
        me = session.get_one(Member, passkey.member_id)
        cookie = sessions.open_session(session, held.keys, me, client_network(), sessions.PASSKEY, now=now)
        trail.record(
            session, Event.STAFF_ENTERED, now=now, actor=me.actor, subject=str(passkey.id), how=sessions.PASSKEY
        )
    return cookie
