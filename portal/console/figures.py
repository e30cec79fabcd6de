"""Figures of the desk: what is open, by reason and age, and which deadlines were missed."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.cases import counting
from portal.cases.reasons import Reason
from portal.console import desk
from portal.console.access import staff
from portal.console.desk_words import REASONS
from portal.console.page import page
from portal.extensions import ground
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("figures", __name__, url_prefix="/desk/figures")


@door.get("")
@staff(Role.APPROVER)
def show(me: Present) -> ResponseReturnValue:
    """A table, one row for each reason."""
    with ground().database.read() as session:
        rows = counting.by_reason(session, desk.limits_of(me.member), now=ground().clock())
    named = [(REASONS[Reason(row.reason)], row) for row in rows]
    return page(me, "console/figures.html", rows=named, total=counting.total(rows))
