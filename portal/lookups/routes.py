"""The customer's side of look-ups: who of the staff looked at the record, and why."""

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from portal.extensions import ground
from portal.identity import customers
from portal.identity.visits import Visit, visit_page
from portal.lookups import looks
from portal.lookups.door import DEEDS, LOOKERS, REASONS
from portal.web.origins import site

door = Blueprint("lookups", __name__)


@door.get("/looks")
@visit_page
def show(visit: Visit) -> ResponseReturnValue:
    """Every look of the staff at the visitor's accounts, newest first; a code alone does not open it (LNK-26)."""
    if not visit.opens_everything:
        return make_response(render_template("identity/link_first.html"), 403)
    with ground().database.read() as session:
        accounts = customers.at_address(session, [visit.email_index])
        told = looks.told(session, [account.id for account in accounts])
    brands = {brand.id: brand.name for brand in site().brands}
    words = {"deeds": DEEDS, "lookers": LOOKERS, "reasons": REASONS, "brands": brands}
    return render_template("lookups/looks.html", told=told, several=len(accounts) > 1, **words)
