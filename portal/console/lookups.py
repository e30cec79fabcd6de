"""Look-ups in numbers, for those who watch over the staff, and their export, which two people must agree on."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.audit.events import Event
from portal.console.access import staff, staff_post
from portal.console.exporting import Table
from portal.console.page import page
from portal.console.record_forms import ExportForm
from portal.extensions import ground
from portal.limits import SEARCHES_PER_MEMBER, UNMASKINGS_PER_MEMBER
from portal.lookups import exports, numbers
from portal.lookups.door import EXPORT
from portal.members.roles import Role
from portal.members.sessions import Present

ALLOWED = {"hour": SEARCHES_PER_MEMBER[0], "day": SEARCHES_PER_MEMBER[1], "unmasked": UNMASKINGS_PER_MEMBER}
TABLE = Table(EXPORT, exports.count, exports.HEADER, exports.rows, Event.LOOKUPS_EXPORTED, "look-ups")
door = Blueprint("lookups", __name__, url_prefix="/lookups")


@door.get("")
@staff(Role.ADMIN, Role.AUDITOR)
def show(me: Present) -> ResponseReturnValue:
    """How much each member looked up, and the exports."""
    return _page(me, TABLE.form(formdata=None))


@door.post("/exports")
@staff_post(Role.ADMIN, step_up=True)
def export(me: Present) -> ResponseReturnValue:
    """Propose that the look-ups of some past days may be taken out."""
    form = TABLE.form()
    form.given_once()
    return TABLE.propose(me, form) or (_page(me, form), 400)


@door.post("/exports/<int:number>")
@staff_post(Role.AUDITOR, step_up=True)
def take(me: Present, number: int) -> Response:
    """Download them."""
    return TABLE.take(me, number)


def _page(me: Present, form: ExportForm) -> str:
    with ground().database.read() as session:
        counted = numbers.by_member(session, now=ground().clock())
        told = TABLE.listed(session)
    return page(me, "console/lookups.html", counted=counted, limits=ALLOWED, form=form, **told)
