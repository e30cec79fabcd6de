"""Exports of cases: metadata for the company's own help-desk system, which two people must agree on."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.audit.events import Event
from portal.cases import exports
from portal.cases.door import EXPORT
from portal.console.access import staff, staff_post
from portal.console.exporting import Table
from portal.console.page import page
from portal.console.record_forms import ExportForm
from portal.extensions import ground
from portal.members.roles import Role
from portal.members.sessions import Present

TABLE = Table(EXPORT, exports.count, exports.HEADER, exports.rows, Event.CASES_EXPORTED, "cases")
door = Blueprint("case_exports", __name__, url_prefix="/desk/exports")


@door.get("")
@staff(Role.ADMIN, Role.AUDITOR)
def show(me: Present) -> ResponseReturnValue:
    """The exports, and the form for another."""
    return _page(me, TABLE.form(formdata=None))


@door.post("")
@staff_post(Role.ADMIN, step_up=True)
def export(me: Present) -> ResponseReturnValue:
    """Propose that the cases of some past days may be taken out."""
    form = TABLE.form()
    form.given_once()
    return TABLE.propose(me, form) or (_page(me, form), 400)


@door.post("/<int:number>")
@staff_post(Role.AUDITOR, step_up=True)
def take(me: Present, number: int) -> Response:
    """Download them."""
    return TABLE.take(me, number)


def _page(me: Present, form: ExportForm) -> str:
    with ground().database.read() as session:
        told = TABLE.listed(session)
    return page(me, "console/case_exports.html", form=form, **told)
