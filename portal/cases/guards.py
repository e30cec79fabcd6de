"""Guards: who may read a case, by the browser's pass or by a visit that proved the address and showed the link."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import owners, passes
from portal.cases.case import read_number
from portal.cases.owners import Owner
from portal.extensions import ground
from portal.identity.visits import Visit, visit_page, visit_post
from portal.web import cookies
from portal.web.fetch_metadata import post_class
from portal.web.forms import VisitForm

COOKIE = "cs"
View = Callable[..., ResponseReturnValue]


def pass_page(view: View) -> Callable[..., Response]:
    """A page of the case that the browser's pass opens; everybody else is asked for number and phrase."""

    @wraps(view)
    def guarded(**values: object) -> Response:
        given, held = cookies.read(COOKIE), ground()
        case = passes.read_pass(held.keys, given, now=held.clock())
        if case is None:
            return make_response(redirect(url_for("cases.ask"), 303))
        g.visit_handle = held.keys.mac(passes.PURPOSE, given).hex()
        return make_response(view(case, **values))

    return guarded


def pass_post(view: View) -> Callable[..., Response]:
    """An act in that case: needs the token that its pages carry."""

    @wraps(view)
    def guarded(case: UUID, **values: object) -> ResponseReturnValue:
        if not VisitForm().given_once().validate():
            abort(403)
        return view(case, **values)

    return post_class("visit")(pass_page(guarded))


def owner_page(view: View) -> Callable[..., Response]:
    """A page about the visitor's own cases: the view gets the visit and whose it is; a code alone does not do."""
    return visit_page(_with_owner(view))


def owner_post(view: View) -> Callable[..., Response]:
    """An act of the visitor's own."""
    return visit_post(_with_owner(view))


def own_case(view: View) -> View:
    """Within one case of the visitor's own, by its number; there is no other."""

    @wraps(view)
    def guarded(_visit: Visit, owner: Owner, number: str) -> ResponseReturnValue:
        with ground().database.read() as session:
            case = owners.case_of(session, owner, read_number(number))
        return view(case or abort(404), number)

    return guarded


def _with_owner(view: View) -> View:
    @wraps(view)
    def guarded(visit: Visit, **values: object) -> ResponseReturnValue:
        # What was written may say more than the answer does, so whoever talked a code out of its owner reads none.
        if not visit.opens_everything:
            return render_template("identity/link_first.html"), 403
        with ground().database.read() as session:
            owner = owners.owner_of(session, ground().keys, visit)
        if owner is None:
            return redirect(url_for("incident.index"), 303)
        return view(visit, owner, **values)

    return guarded
