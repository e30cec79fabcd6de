"""Cases of a customer who cannot or need not write: opened from the sheet; the answers go to the address on file."""

from uuid import UUID, uuid5

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.cases import opening
from portal.cases.opening import TooManyCases, Wish
from portal.cases.reasons import Reason
from portal.console.access import staff_post
from portal.console.record_forms import CaseForm
from portal.console.records import Closed, opened, refuse, sheet_page
from portal.extensions import ground
from portal.identity.customers import Customer, stored_address
from portal.incident.door import current_incident
from portal.lookups import looks
from portal.members.roles import Role
from portal.members.sessions import Present

TOO_MANY = _l("There are so many cases of this customer today that one more buries them.")
door = Blueprint("record_cases", __name__, url_prefix="/customers")
door.register_error_handler(Closed, refuse)


@door.post("/<uuid:number>/cases")
@staff_post(Role.AGENT)
def open_for(me: Present, number: UUID) -> ResponseReturnValue:
    """Open a case in the customer's name; they read at `/help/mine` who did, and the same press is one case."""
    form, held, now = CaseForm().given_once(), ground(), ground().clock()
    good = form.validate()
    try:
        with held.database.write() as session:
            customer, looker = opened(session, me, number)
            once = uuid5(UUID(form.once.data), looks.OPENED) if good else number
            if good and looks.note_act(session, held.keys, looker, number, looks.OPENED, once, "", now=now):
                wish, zone = _wish(customer, form), current_incident().zone
                opening.open_case(session, held.keys, wish, zone, now=now, by=me.member.actor)
    except TooManyCases:
        form.about.errors, good = [TOO_MANY], False
        with held.database.read() as session:
            customer, _ = opened(session, me, number)
    if not good:
        return sheet_page(me, customer, tried=form), 400
    return redirect(url_for("console.records.show", number=number), 303)


def _wish(customer: Customer, form: CaseForm) -> Wish:
    incident = current_incident()
    locale = customer.locale if customer.locale in incident.locales else incident.locales[0]
    origin, address = incident.brand(customer.brand).origin, stored_address(ground().keys, customer)
    return Wish(Reason(form.about.data), form.text.data or "", customer.brand, origin, str(locale), address, customer)
