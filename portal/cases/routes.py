"""Help: how to reach a person, a message to us without any proof, and the way back to it by number and phrase."""

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.cases import opening, page, passes, receipts, returning
from portal.cases.case import show_number
from portal.cases.forms import ReturnForm, WriteForm
from portal.cases.guards import COOKIE, pass_page, pass_post
from portal.cases.opening import TooManyCases, Wish
from portal.cases.reasons import Reason
from portal.cases.receipts import NO_VISIT
from portal.extensions import ground, limiter, no_more_than
from portal.incident.door import current_incident
from portal.limits import CASES_PER_HOST, RETURNS_PER_HOST
from portal.web import cookies
from portal.web.caching import public_page
from portal.web.fetch_metadata import public_post
from portal.web.origins import speaking_brand, speaking_origin

door = Blueprint("cases", __name__)
RECEIPT = "cr"


@door.get("/help")
@public_page
def help() -> ResponseReturnValue:  # noqa: A001 - the page is called so
    """How to reach a person, and the form to write by; it never says whether an account exists."""
    return render_template("cases/help.html", form=WriteForm())


@door.post("/help")
@limiter.limit(no_more_than(CASES_PER_HOST))
@public_post
def write() -> ResponseReturnValue:
    """Write a case down: the same for every address, and for none (ENU-09)."""
    form = WriteForm().given_once()
    if not form.validate():
        return render_template("cases/write.html", form=form), 400
    wish = Wish(
        Reason(form.reason.data),
        form.text.data,
        speaking_brand().id,
        speaking_origin(),
        str(get_locale()),
        form.contact.data,
    )
    return opened_by(wish, "cases.opened") or (render_template("cases/too_many.html"), 429)


def opened_by(wish: Wish, page: str, visit: UUID = NO_VISIT) -> ResponseReturnValue | None:
    """Open a case and lead to the page with its number and phrase; None where there are too many."""
    held, now = ground(), ground().clock()
    try:
        with held.database.write() as session:
            opened = opening.open_case(session, held.keys, wish, current_incident().zone, now=now)
    except TooManyCases:
        return None
    response = make_response(redirect(url_for(page), 303))
    receipt = receipts.written(held.keys, opened, visit=visit, now=now)
    cookies.keep(response, RECEIPT, receipt, int(receipts.LIFETIME.total_seconds()))
    return response


def receipt_of(visit: UUID = NO_VISIT) -> ResponseReturnValue | None:
    """The page with number and phrase, or None where this browser has none to show."""
    receipt = receipts.read(ground().keys, cookies.read(RECEIPT), visit=visit, now=ground().clock())
    if receipt is None:
        return None
    return render_template("cases/opened.html", receipt=receipt, number=show_number(receipt.number))


@door.get("/help/opened")
def opened() -> ResponseReturnValue:
    """Number and phrase of the new case, for the browser that opened it."""
    return receipt_of() or redirect(url_for("cases.ask"), 303)


@door.get("/help/case")
@public_page
def ask() -> ResponseReturnValue:
    """The form for number and phrase."""
    return render_template("cases/return.html", form=ReturnForm(), refused=False)


@door.post("/help/case")
@limiter.limit(no_more_than(RETURNS_PER_HOST))
@public_post
def come_back() -> ResponseReturnValue:
    """Open a case to its number and phrase; every refusal is one page."""
    form, held, now = ReturnForm().given_once(), ground(), ground().clock()
    number, phrase = (form.number.data or "", form.phrase.data or "") if form.validate() else ("", "")
    with held.database.write() as session:
        case = returning.come_back(session, held.keys, number, phrase, now=now)
    if case is None:
        return render_template("cases/return.html", form=ReturnForm(formdata=None), refused=True), 400
    response = make_response(redirect(url_for("cases.read"), 303))
    cookies.keep(response, COOKIE, passes.new_pass(held.keys, case, now=now), int(passes.LIFETIME.total_seconds()))
    return response


@door.get("/help/case/read")
@pass_page
def read(case: UUID) -> ResponseReturnValue:
    """The case."""
    return page.show(case, _places())


@door.post("/help/case/messages")
@pass_post
def write_again(case: UUID) -> ResponseReturnValue:
    """Say more in it."""
    return page.write_again(case, _places())


@door.post("/help/case/closure")
@pass_post
def take_back(case: UUID) -> ResponseReturnValue:
    """End it."""
    return page.take_back(case, _places())


@door.post("/help/case/leave")
@pass_post
def leave(_case: UUID) -> ResponseReturnValue:
    """Let this browser forget it."""
    response = make_response(redirect(url_for("cases.ask"), 303))
    cookies.forget(response, COOKIE)
    cookies.forget(response, RECEIPT)
    return response


def _places() -> page.Places:
    here, message, closure = (url_for(name) for name in ("cases.read", "cases.write_again", "cases.take_back"))
    return page.Places(here, message, closure, leave=url_for("cases.leave"))
