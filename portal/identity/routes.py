"""Asking for a letter and proving an address; nothing here looks an account up before a proof."""

from datetime import datetime

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.extensions import ground, limiter, no_more_than
from portal.identity import acting, links, proofs, visits
from portal.identity.browsers import family
from portal.identity.forms import AskForm, ProofForm
from portal.identity.proofs import Proof, ProofRefused
from portal.identity.visits import Visit, visit_post
from portal.limits import PROOFS_PER_HOST
from portal.networks import client_host, client_network
from portal.tokens import fresh_token, is_token
from portal.web import cookies
from portal.web.caching import public_page
from portal.web.fetch_metadata import public_post
from portal.web.locales import chosen_locale, keep_locale, spoken_locale
from portal.web.origins import speaking_origin

ASKED = "rq"
door = Blueprint("identity", __name__)


@door.post("/start")
@public_post
def start() -> ResponseReturnValue:
    """Write the request down and say so: the same for every address that can be read (ENU-01)."""
    form = AskForm().given_once()
    if not form.validate():
        return render_template("identity/ask_again.html", form=form), 400
    cookie = cookies.read(ASKED)
    cookie = cookie if is_token(cookie) else fresh_token()
    with ground().database.say() as line:
        _ask(line, form.email.data, cookie)
    response = make_response(redirect(url_for("identity.sent"), 303))
    cookies.keep(response, ASKED, cookie, int(links.WAITS.total_seconds()))
    return response


@door.get("/sent")
@public_page
def sent() -> ResponseReturnValue:
    """Whom the letter comes from, where to look, and what to do if it does not come."""
    return render_template("identity/sent.html", ask=AskForm(), proof=ProofForm())


@door.get("/v")
@public_page
def link() -> ResponseReturnValue:
    """The page that the letter's link opens; opening it changes nothing (LNK-04)."""
    return render_template("identity/link.html", form=ProofForm())


@door.post("/v")
@limiter.limit(no_more_than(PROOFS_PER_HOST))
@public_post
def prove() -> ResponseReturnValue:
    """Open a visit for two proofs of three; every failure is one page."""
    form = ProofForm().given_once()
    proof = form.proof(cookies.read(ASKED))
    with ground().database.write() as session:
        opened = _opened_by(session, proof, ground().clock())
    if opened is None:
        return render_template("identity/refused.html", form=form, proof=proof), 400
    # The visit keeps the language, so its pages need not carry it.
    response = make_response(redirect(url_for("journey.status", lang=None), 303))
    if opened:
        cookies.keep(response, visits.COOKIE, opened, int(visits.ABSOLUTE.total_seconds()))
        cookies.forget(response, ASKED)
    return response


@door.get("/leave")
def left() -> ResponseReturnValue:
    """Whether a visit is still open, and how to end it."""
    now = ground().clock()
    with ground().database.read() as session:
        visit = visits.find(session, ground().keys, cookies.read(visits.COOKIE), now=now)
    if visit:
        keep_locale(visit.locale)
    form = visits.form_of(visit) if visit else None
    return render_template("identity/left.html", visit=visit, form=form)


@door.post("/leave")
@visit_post
def leave(visit: Visit) -> ResponseReturnValue:
    """End the visit on the server and in the browser."""
    now = ground().clock()
    with ground().database.write() as session:
        visits.end(session, visit, now=now)
        trail.record(session, Event.VISIT_LEFT, now=now, actor="customer", subject=str(visit.id))
    response = make_response(redirect(url_for("identity.left"), 303))
    cookies.forget(response, visits.COOKIE)
    cookies.forget(response, ASKED)
    # Never "cookies": that would delete those of the company's other sites too (SES-06).
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@door.post("/again")
@visit_post
def again(visit: Visit) -> ResponseReturnValue:
    """Mail a fresh link to the visit's own address; nothing to type again (SES-05)."""
    cookie = fresh_token()
    with ground().database.write() as session:
        address = acting.own_address(session, ground().keys, visit, now=ground().clock())
        if address is None:
            return redirect(url_for("incident.index"), 303)
        _ask(session.connection(), address, cookie)
    response = make_response(redirect(url_for("identity.sent"), 303))
    cookies.keep(response, ASKED, cookie, int(links.WAITS.total_seconds()))
    return response


def _opened_by(session: Session, proof: Proof, now: datetime) -> str | None:
    """The cookie of a new visit; an empty text if the present visit goes on; None if the proof is refused."""
    keys = ground().keys
    visit = visits.find(session, keys, cookies.read(visits.COOKIE), now=now)
    try:
        asked, proved_by = proofs.consume(session, keys, proof, now=now)
    except ProofRefused:
        again = _shows_own_link(session, proof, visit, now)
        if again is None:
            trail.record(session, Event.PROOF_REFUSED, now=now, actor="visitor", subject=proof.public_id or "unnamed")
        return again
    links.close_others(session, asked.email_index or b"")
    cookie = visits.open_visit(session, keys, asked, proved_by, locale=chosen_locale(), now=now)
    subject = asked.public_id
    trail.record(session, Event.VISIT_OPENED, now=now, actor="customer", subject=subject, proved_by=proved_by)
    return cookie


def _ask(line: Connection, address: str, cookie: str) -> None:
    asked = links.new_request(
        ground().keys,
        address=address,
        cookie=cookie,
        origin=speaking_origin(),
        locale=spoken_locale(),
        browser=family(request.user_agent.string),
        host=client_host(),
        network=client_network(),
        now=ground().clock(),
    )
    links.write_down(line, asked)


def _shows_own_link(session: Session, proof: Proof, visit: Visit | None, now: datetime) -> str | None:
    """A visitor who opens the letter's link again, or only now, is not sent away; a code-only visit rises by it."""
    own = session.get(links.LinkRequest, visit.link_request_id) if visit else None
    if visit is None or not proofs.is_link_of(ground().keys, proof, own, now=now):
        return None
    if visit.opens_everything:
        return ""
    trail.record(session, Event.VISIT_RAISED, now=now, actor="customer", subject=str(visit.id))
    return visits.raise_by_link(ground().keys, visit, now=now)
