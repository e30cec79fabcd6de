"""Guards: who may read a case, by the browser's pass; and who has cases of his own, by a visit that showed the link."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import owners, passes
from portal.cases.passes import Pass
from portal.extensions import ground
from portal.identity import visits
from portal.identity.visits import Visit, visit_page, visit_post
from portal.web import cookies
from portal.web.fetch_metadata import post_class
from portal.web.forms import VisitForm
from portal.web.locales import keep_locale

COOKIE, RECEIPT = "cs", "cr"
View = Callable[..., ResponseReturnValue]


def pass_page(view: View) -> Callable[..., Response]:
    """A page of the case that the browser's pass opens; everybody else is asked for number and phrase."""

    @wraps(view)
    def guarded(**values: object) -> Response:
        held = _present()
        if held is None:
            return make_response(redirect(url_for("cases.ask"), 303))
        g.visit_handle = ground().keys.mac(passes.PURPOSE, cookies.read(COOKIE)).hex()
        return make_response(view(held, **values))

    return guarded


def pass_post(view: View) -> Callable[..., Response]:
    """An act in that case: needs the token that its pages carry."""

    @wraps(view)
    def guarded(held: Pass, **values: object) -> ResponseReturnValue:
        if not VisitForm().given_once().validate():
            abort(403)
        return view(held, **values)

    return post_class("case")(pass_page(guarded))


def give_pass(response: Response, case: UUID, visit: UUID | None = None) -> Response:
    """Let the browser read this case, for a while or in this visit."""
    pass_ = passes.written(ground().keys, Pass(case, visit), now=ground().clock())
    cookies.keep(response, COOKIE, pass_, int(passes.LIFETIME.total_seconds()))
    return response


def owner_page(view: View) -> Callable[..., Response]:
    """A page about the visitor's own cases: the view gets the visit and whose it is; a code alone does not do."""
    return visit_page(_with_owner(view))


def owner_post(view: View) -> Callable[..., Response]:
    """An act of the visitor's own."""
    return visit_post(_with_owner(view))


def _present() -> Pass | None:
    now, ours = ground().clock(), ground()
    held = passes.read(ours.keys, cookies.read(COOKIE), now=now)
    if held is None or held.visit is None:
        return held
    with ours.database.read() as session:
        visit = visits.find(session, ours.keys, cookies.read(visits.COOKIE), now=now)
    if visit is None or visit.id != held.visit:
        return None
    keep_locale(visit.locale)
    return held


def _with_owner(view: View) -> View:
    @wraps(view)
    def guarded(visit: Visit, **values: object) -> ResponseReturnValue:
        # What was written may say more than the answer does, so whoever talked a code out of its owner reads none.
        if not visit.opens_everything:
            return render_template("identity/link_first.html"), 403
        with ground().database.read() as session:
            owner = owners.owner_of(session, ground().keys, visit)
        if owner is None:
            return redirect(url_for("cases.help" if visit.acts_as else "incident.index"), 303)
        return view(visit, owner, **values)

    return guarded
