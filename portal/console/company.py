"""The way in through the company's own sign-in: out by a page of ours, and back by a page of ours."""

from datetime import datetime
from typing import cast

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.audit import trail
from portal.audit.events import Event
from portal.config import Settings
from portal.console.access import anyone, keep_cookie
from portal.console.entrance import entrance
from portal.extensions import ground, limiter, no_more_than
from portal.limits import PASSKEYS_PER_HOST
from portal.members import accounts, passkeys, sessions, sign_ons
from portal.members.provider import Provider, ProviderAway
from portal.members.sign_ons import NotVouched, Secrets, Vouched
from portal.members.vouching import Terms
from portal.networks import client_network
from portal.web import cookies
from portal.web.fetch_metadata import public_post

door = Blueprint("company", __name__)
COOKIE = "so"
PATH = "/enter/company"
BACK = f"/staff{PATH}"  # the address that the company's sign-in must know
REFUSED = _l(
    "Your company’s sign-in did not let you in here. It must say that you proved who you are in two ways or with a "
    "passkey, and it must vouch for the address that you have here. Nor may it take longer than five minutes. "
    "Try again, or use a passkey."
)
AWAY = _l("Your company’s sign-in does not answer. Try again in a few minutes, or use a passkey.")


def init_app(app: Flask) -> None:
    """Know the company's sign-in as the settings name it."""
    app.extensions["company"] = _provider_of(app.extensions["portal"].settings)


@door.post(PATH)
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
@public_post
def begin() -> ResponseReturnValue:
    """Send the browser to the company's sign-in."""
    held, now = ground(), ground().clock()
    with held.database.write() as session:
        cookie, secrets = sign_ons.begin(session, held.keys, now=now)
    try:
        address = _provider().address(secrets, now=now)
    except ProviderAway as away:
        return _refuse(AWAY, 503, str(away), now)
    response = _onward(address)
    cookies.keep(response, COOKIE, cookie, int(sign_ons.LIFETIME.total_seconds()), comes_back=True)
    return response


@door.get(PATH)
@limiter.limit(no_more_than(PASSKEYS_PER_HOST))
@anyone
def finish() -> ResponseReturnValue:
    """Open a session for whom the company's sign-in vouches; every refusal is one page."""
    if not {"state", "error"} & set(request.args):
        return redirect(url_for("console.entrance.show"), 303)
    now = ground().clock()
    try:
        cookie, place = _opened(_provider().vouch(request.args.get("code", ""), _spent(now), now=now), now)
    except NotVouched as refusal:
        return _refuse(REFUSED, 400, str(refusal), now)
    except ProviderAway as away:
        return _refuse(AWAY, 503, str(away), now)
    response = keep_cookie(_onward(url_for(place)), cookie)
    cookies.forget(response, COOKIE)
    return response


def _spent(now: datetime) -> Secrets:
    """What went with this browser's sign-on, which is over now; raises NotVouched."""
    held, told = ground(), request.args
    with held.database.write() as session:
        secrets = sign_ons.spend(session, held.keys, cookies.read(COOKIE), told.get("state", ""), now=now)
    if "error" in told or told.get("iss", _provider().terms.issuer) != _provider().terms.issuer:  # RFC 9207
        raise NotVouched("said-no")
    if secrets is None:
        raise NotVouched("sign-on-over")
    return secrets


def _opened(vouched: Vouched, now: datetime) -> tuple[str, str]:
    """The new session's cookie, and where to go first: who has no passkey yet may make one."""
    held = ground()
    with held.database.write() as session:
        me = accounts.owner(session, held.keys, vouched, now=now)
        cookie = sessions.open_session(session, held.keys, me, client_network(), sessions.OIDC, now=now)
        trail.record(session, Event.STAFF_ENTERED, now=now, actor=me.actor, subject="company", how=sessions.OIDC)
        return cookie, "console.home.show" if passkeys.of(session, me) else "console.own.show"


def _refuse(problem: LazyString, status: int, why: str, now: datetime) -> Response:
    with ground().database.write() as session:
        trail.record(session, Event.STAFF_REFUSED, now=now, actor="visitor", subject="company", why=why)
    response = make_response(entrance(problem), status)
    cookies.forget(response, COOKIE)
    return response


def _onward(address: str) -> Response:
    """A page that goes on by itself.

    After a form no redirect may lead to another site (form-action), and from another site none brings Strict cookies.
    """
    response = make_response(render_template("console/onward.html", address=address))
    response.headers["Refresh"] = f"0; url={address}"
    return response


def _provider_of(settings: Settings) -> Provider:
    acr, amr = (frozenset(said.split()) for said in (settings.oidc_acr, settings.oidc_amr))
    terms = Terms(settings.oidc_issuer or "", settings.oidc_client_id or "", acr, amr)
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    here = settings.environment == "development"
    return Provider(terms, secret, f"{settings.console_origin}{BACK}", on_this_machine=here)


def _provider() -> Provider:
    return cast(Provider, current_app.extensions["company"])
