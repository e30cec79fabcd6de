"""Access: who may open which page of the console; every route names its roles, or the portal does not start."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import Flask, Response, abort, after_this_request, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from portal.audit import trail
from portal.audit.events import Event
from portal.console.forms import StaffForm
from portal.console.page import page
from portal.extensions import ground
from portal.members import passkeys, sessions
from portal.members.passkeys import PasskeyRefused, Place
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.networks import client_network
from portal.web import cookies
from portal.web.fetch_metadata import SAFE_METHODS, post_class
from portal.web.locales import keep_locale
from portal.web.origins import CONSOLE, speaking_origin

COOKIE = "ss"
ITS_OWN = ("csrf_token", "credential", "lang")  # what each form brings along itself
View = Callable[..., ResponseReturnValue]
EVERYBODY = tuple(Role)


def anyone(view: View) -> View:
    """A page on the doorstep: nobody has to be signed in."""
    view.roles = frozenset()  # type: ignore[attr-defined]
    return view


def staff(*roles: Role) -> Callable[[View], View]:
    """A page for members with one of these roles; the view gets who is present."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(**values: object) -> Response:
            me = present()
            if me is None:
                return make_response(redirect(url_for("console.entrance.show"), 303))
            g.visit_handle = str(me.session.id)
            if not me.member.holds & set(roles):
                abort(403)
            keep_locale(me.member.locale)
            return make_response(view(me, **values))

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return mark


def staff_post(*roles: Role, step_up: bool = False) -> Callable[[View], View]:
    """An act of such a member: needs the token of its page and, where it is dangerous, a fresh passkey (STF-03)."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(me: Present, **values: object) -> ResponseReturnValue:
            form = StaffForm().given_once()
            if not form.validate():
                abort(403)
            if step_up and form.credential.data:
                _step_up(me, form.credential.data)
            if step_up and not me.session.is_fresh(ground().clock()):
                sent = [one for one in request.form.items(multi=True) if one[0] not in ITS_OWN]
                return page(me, "console/stale.html", here=request.path, sent=sent), 403
            return view(me, **values)

        return post_class("staff")(staff(*roles)(guarded))

    return mark


def present() -> Present | None:
    """Who is signed in, if the request comes from the network that the session began in."""
    held, now = ground(), ground().clock()
    with held.database.read() as session:
        me = sessions.find(session, held.keys, cookies.read(COOKIE), now=now)
    if me is None:
        return None
    if me.session.network != client_network():
        with held.database.write() as session:
            sessions.end_those_of(session, me.member.id, now=now)
            trail.record(session, Event.STAFF_ELSEWHERE, now=now, actor=me.member.actor, subject=str(me.session.id))
        return None
    if now - me.session.seen_at > sessions.TOUCH:
        with held.database.write() as session:
            sessions.touch(session, me, now=now)
    return me


def keep_cookie(response: Response, value: str) -> Response:
    """Let the browser keep a member's cookie for as long as a session can last."""
    cookies.keep(response, COOKIE, value, int(sessions.ABSOLUTE.total_seconds()))
    return response


def matrix(app: Flask) -> dict[str, frozenset[Role]]:
    """Which roles may do what, as in `POST /staff/members`; nobody needs a role for what stands on the doorstep."""
    return {
        f"{method} {rule.rule}": _roles_of(app, rule)
        for rule in _rules(app)
        for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"})
    }


def check(app: Flask) -> None:
    """Raises TypeError where a page of the console names no roles, or an act is in no class of posts."""
    for rule in _rules(app):
        view = app.view_functions[rule.endpoint]
        acts = set(rule.methods or ()) - SAFE_METHODS
        if not hasattr(view, "roles") or (acts and not hasattr(view, "post_class")):
            raise TypeError(f"{rule.endpoint} names no roles, or is in no class of posts")


def _roles_of(app: Flask, rule: Rule) -> frozenset[Role]:
    roles: frozenset[Role] = getattr(app.view_functions[rule.endpoint], "roles", frozenset())
    return roles


def _rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(CONSOLE))


def _step_up(me: Present, told: str) -> None:
    now, held = ground().clock(), ground()
    with held.database.write() as session:
        try:
            passkey = passkeys.prove(session, Place(speaking_origin()), told, now=now)
            if passkey.member_id != me.member.id:
                raise PasskeyRefused("another member's")
        except PasskeyRefused as refusal:
            said: dict[str, Any] = {"why": str(refusal)}
            trail.record(session, Event.STAFF_REFUSED, now=now, actor=me.member.actor, subject="step-up", **said)
            return
        cookie = sessions.step_up(session, held.keys, me, now=now)
        trail.record(session, Event.STAFF_RAISED, now=now, actor=me.member.actor, subject=str(passkey.id))
    after_this_request(lambda response: keep_cookie(response, cookie))
