"""Figures of the desk: what is open, by reason and age, missed deadlines, and how much agents look up."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.cases import counting
from portal.cases.reasons import Reason
from portal.console import desk
from portal.console.access import staff
from portal.console.desk_words import REASONS
from portal.console.lookups import ALLOWED
from portal.console.page import page
from portal.extensions import ground
from portal.lookups import numbers
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("figures", __name__, url_prefix="/desk/figures")


@door.get("")
@staff(Role.APPROVER)
def show(me: Present) -> ResponseReturnValue:
    """Pictures, and a table beside each."""
    now = ground().clock()
    with ground().database.read() as session:
        rows = counting.by_reason(session, desk.limits_of(me.member), now=now)
        counted = numbers.by_member(session, now=now)
    named = [(REASONS[Reason(row.reason)], row) for row in rows]
    return page(me, "console/figures.html", rows=named, total=counting.total(rows), counted=counted, limits=ALLOWED)
