"""The page of one case, and the acts on it: say more, close it, and leave it on this device."""

from flask import Blueprint, current_app, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import messages, posted, writing
from portal.cases.case import CLOSED, Case, show_number
from portal.cases.door import CLOSURES, REASONS, STATES
from portal.cases.forms import AgainForm
from portal.cases.guards import COOKIE, RECEIPT, pass_page, pass_post
from portal.cases.looks import Looks
from portal.cases.passes import Pass
from portal.cases.reasons import Closure, Reason
from portal.cases.writing import CaseClosed, TooManyMessages
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.web import cookies

door = Blueprint("case", __name__)


@door.get("/help/case/read")
@pass_page
def read(held: Pass) -> ResponseReturnValue:
    """State, deadline and what was said."""
    return _page(held, AgainForm(formdata=None))


@door.post("/help/case/messages")
@pass_post
def write_again(held: Pass) -> ResponseReturnValue:
    """Say more."""
    form, ours = AgainForm().given_once(), ground()
    if not form.validate():
        return _page(held, form), 400
    try:
        with ours.database.write() as session:
            zone = current_incident().zone
            writing.write_again(session, ours.keys, held.case, form.text.data, zone, now=ours.clock())
    except TooManyMessages:
        return _page(held, form, crowded=True), 429
    except CaseClosed:
        pass  # the page says so
    return redirect(url_for("case.read"), 303)


@door.post("/help/case/closure")
@pass_post
def take_back(held: Pass) -> ResponseReturnValue:
    """End the case at the customer's wish; twice is once."""
    try:
        with ground().database.write() as session:
            writing.take_back(session, held.case, now=ground().clock())
    except CaseClosed:
        pass
    return redirect(url_for("case.read"), 303)


@door.post("/help/case/leave")
@pass_post
def leave(_held: Pass) -> ResponseReturnValue:
    """Let this browser forget the case."""
    response = make_response(redirect(url_for("cases.ask"), 303))
    for name in (COOKIE, RECEIPT):
        cookies.forget(response, name)
    return response


def _page(held: Pass, form: AgainForm, *, crowded: bool = False) -> str:
    looks: Looks = current_app.extensions["looks"]
    # Notes of the staff are not read at all.
    with ground().database.read() as session:
        case = session.get_one(Case, held.case)
        said = messages.of(session, ground().keys, held.case)
        seen = looks(session, [held.case])
        letter = posted.awaited(session, held.case, now=ground().clock())
    return render_template(
        "cases/case.html",
        case=case,
        number=show_number(case.number),
        reason=REASONS[Reason(case.reason)],
        state=STATES[case.state],
        ended=CLOSURES[Closure(case.close_reason)] if case.close_reason else None,
        is_open=case.state != CLOSED,
        is_own=held.visit is not None,
        said=said,
        form=form,
        crowded=crowded,
        posted=letter is not None,
        looks=seen,
    )
