"""The visitor's own: cases of the proven address, a new one about an account, words for the phone, and who looked."""

from uuid import UUID

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.cases import cancelling, four_words, helping, owners
from portal.cases.appointing import RELATIONS
from portal.cases.case import read_number, show_number
from portal.cases.door import REASONS, STATES
from portal.cases.forms import HelperForm, OwnForm, PickForm
from portal.cases.four_words import TooManyWords
from portal.cases.guards import give_pass, owner_page, owner_post
from portal.cases.looks import Looks
from portal.cases.opening import Wish
from portal.cases.owners import Owner
from portal.cases.reasons import Reason
from portal.cases.routes import opened_by, receipt_of
from portal.extensions import ground
from portal.identity import helpers
from portal.identity.customers import Customer
from portal.identity.visits import Visit
from portal.incident.door import current_incident
from portal.web.forms import VisitForm
from portal.web.origins import speaking_origin

HANDLE_LENGTH = 32
door = Blueprint("mine", __name__)


@door.get("/help/mine")
@owner_page
def show(visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Own cases, the form for another, words for the phone, and who looked at the record."""
    return _page(visit, owner, _form(visit, owner, formdata=None))


@door.post("/help/mine")
@owner_post
def write(visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Write to us about an account; what is disputed comes under review."""
    form = _form(visit, owner).given_once()
    if not form.validate():
        return _page(visit, owner, form), 400
    account = _by_handle(visit, owner)[form.account.data]
    locale = str(get_locale())
    reason, text = Reason(form.reason.data), form.text.data
    wish = Wish(reason, text, account.brand, speaking_origin(), locale, owner.address, account)
    return opened_by(wish, "mine.opened", visit.id) or (render_template("cases/too_many.html"), 429)


@door.get("/help/mine/opened")
@owner_page
def opened(visit: Visit, _owner: Owner) -> ResponseReturnValue:
    """Number and phrase of a new case, for the visit that opened it."""
    return receipt_of(visit.id) or redirect(url_for("mine.show"), 303)


@door.post("/help/mine/case")
@owner_post
def read(visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Open one of the own cases, for as long as this visit."""
    number = PickForm().given_once().number.data or ""
    with ground().database.read() as session:
        case = owners.case_of(session, owner, read_number(number)) or abort(404)
    return give_pass(make_response(redirect(url_for("case.read"), 303)), case, visit.id)


@door.post("/help/words")
@owner_post
def words(visit: Visit, _owner: Owner) -> ResponseReturnValue:
    """Four words to say on the phone, good for ten minutes."""
    held, now = ground(), ground().clock()
    try:
        with held.database.write() as session:
            said = four_words.give(session, held.keys, visit.email_index, visit=visit.id, now=now)
    except TooManyWords:
        return render_template("cases/words.html", said=None, until=None), 429
    return render_template("cases/words.html", said=said, until=now + four_words.LIFETIME)


@door.post("/help/mine/helper")
@owner_post
def end_helper(visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Let somebody act for the visitor no longer."""
    handle, now = HelperForm().given_once().helper.data or "", ground().clock()
    with ground().database.write() as session:
        for one in helpers.standing_for(session, _ids(owner), now=now):
            if _named(visit, one.id) == handle:
                helping.end(session, one.id, by="customer", now=now)
    return redirect(url_for("mine.show"), 303)


def _page(visit: Visit, owner: Owner, form: OwnForm) -> str:
    looks: Looks = current_app.extensions["looks"]
    with ground().database.read() as session:
        cases = owners.cases_of(session, owner)
        seen = looks(session, _ids(owner))
        helping_now = helpers.standing_for(session, _ids(owner), now=ground().clock())
        changes = cancelling.of_accounts(session, list(owner.accounts))
    shown = [(show_number(one.number), REASONS[Reason(one.reason)], STATES[one.state], one) for one in cases]
    values = {"cases": shown, "looks": seen, "changes": changes, "words": VisitForm(formdata=None)}
    values |= {"helpers": [(_named(visit, one.id), RELATIONS[one.relation], one) for one in helping_now]}
    return render_template("cases/mine.html", form=form, **values)


def _form(visit: Visit, owner: Owner, **said: None) -> OwnForm:
    form, named = OwnForm(**said), _by_handle(visit, owner)
    form.account.offered = {handle: current_incident().brand(account.brand).name for handle, account in named.items()}
    if len(named) == 1:
        form.account.data = next(iter(named))
    return form


def _by_handle(visit: Visit, owner: Owner) -> dict[str, Customer]:
    return {_named(visit, one.id): one for one in owner.accounts}


def _named(visit: Visit, row: UUID) -> str:
    # A name that is good in this visit's own form and nowhere else.
    return ground().keys.mac("case form", visit.id.hex, row.hex).hex()[:HANDLE_LENGTH]


def _ids(owner: Owner) -> list[UUID]:
    return [account.id for account in owner.accounts]
