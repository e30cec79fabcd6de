"""The visitor's own: cases of the proven address, a new one about an account, words for the phone, and who looked."""

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.cases import four_words, owners, page
from portal.cases.case import show_number
from portal.cases.door import REASONS, STATES
from portal.cases.forms import OwnForm
from portal.cases.four_words import TooManyWords
from portal.cases.guards import own_case, owner_page, owner_post
from portal.cases.looks import Looks
from portal.cases.opening import Wish
from portal.cases.owners import Owner
from portal.cases.reasons import Reason
from portal.cases.routes import opened_by, receipt_of
from portal.extensions import ground
from portal.identity.customers import Customer
from portal.identity.visits import Visit
from portal.incident.door import current_incident
from portal.web.forms import VisitForm
from portal.web.origins import speaking_origin

door = Blueprint("mine", __name__)


@door.get("/help/mine")
@owner_page
def show(_visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Own cases, the form for another, words for the phone, and who looked at the record."""
    return _page(owner, _form(owner, formdata=None))


@door.post("/help/mine")
@owner_post
def write(visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Write to us about an account; what is disputed comes under review."""
    form = _form(owner).given_once()
    if not form.validate():
        return _page(owner, form), 400
    account = next(one for one in owner.accounts if one.id.hex == form.account.data)
    locale = str(get_locale())
    reason, text = Reason(form.reason.data), form.text.data
    wish = Wish(reason, text, account.brand, speaking_origin(), locale, owner.address, account)
    return opened_by(wish, "mine.opened", visit.id) or (render_template("cases/too_many.html"), 429)


@door.get("/help/mine/opened")
@owner_page
def opened(visit: Visit, _owner: Owner) -> ResponseReturnValue:
    """Number and phrase of a new case, for the visit that opened it."""
    return receipt_of(visit.id) or redirect(url_for("mine.show"), 303)


@door.get("/help/mine/<number>")
@owner_page
@own_case
def read(case: UUID, number: str) -> ResponseReturnValue:
    """One of the own cases."""
    return page.show(case, _places(number))


@door.post("/help/mine/<number>/messages")
@owner_post
@own_case
def write_again(case: UUID, number: str) -> ResponseReturnValue:
    """Say more in it."""
    return page.write_again(case, _places(number))


@door.post("/help/mine/<number>/closure")
@owner_post
@own_case
def take_back(case: UUID, number: str) -> ResponseReturnValue:
    """End it."""
    return page.take_back(case, _places(number))


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


def _page(owner: Owner, form: OwnForm) -> str:
    looks: Looks = current_app.extensions["looks"]
    with ground().database.read() as session:
        cases = owners.cases_of(session, owner)
        seen = looks(session, [account.id for account in owner.accounts])
    shown = [(show_number(one.number), REASONS[Reason(one.reason)], STATES[one.state], one) for one in cases]
    return render_template("cases/mine.html", cases=shown, form=form, looks=seen, words=VisitForm(formdata=None))


def _form(owner: Owner, **said: None) -> OwnForm:
    form = OwnForm(**said)
    form.account.offered = {account.id.hex: _name(account) for account in owner.accounts}
    if len(owner.accounts) == 1:
        form.account.data = owner.accounts[0].id.hex
    return form


def _name(account: Customer) -> str:
    return current_incident().brand(account.brand).name


def _places(number: str) -> page.Places:
    named = ("mine.read", "mine.write_again", "mine.take_back")
    here, message, closure = (url_for(name, number=number) for name in named)
    return page.Places(here, message, closure)
