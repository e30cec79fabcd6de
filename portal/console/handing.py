"""Handing on: a case goes to somebody else's desk, or goes on in another case of the same address."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases import claims, writing
from portal.cases.case import Case, read_number
from portal.cases.reasons import Handing
from portal.cases.writing import NotTheSame
from portal.console import desk
from portal.console.access import staff_post
from portal.console.desk_forms import AssignForm, MergeForm
from portal.console.forms import values
from portal.console.sight import act, agents_for, case_of
from portal.extensions import ground
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("handing", __name__, url_prefix="/desk/<uuid:number>")


@door.post("/assignment")
@staff_post(Role.APPROVER)
def assign(me: Present, number: UUID) -> ResponseReturnValue:
    """Lay the case on an agent's desk."""
    form = AssignForm()
    with ground().database.read() as session:
        form.to.choices = values(agents_for(session, case_of(session, me, number)))

    def do(session: Session, case: Case, version: int) -> None:
        said = {"to": form.to.data, "by": me.member.actor, "now": ground().clock()}
        claims.assign(session, case, version, why=Handing(form.why.data), **said)

    return act(me, number, form, do)


@door.post("/merger")
@staff_post(Role.AGENT)
def merge(me: Present, number: UUID) -> ResponseReturnValue:
    """Go on with the case in another one."""
    form = MergeForm()

    def do(session: Session, case: Case, version: int) -> None:
        other = select(Case).where(Case.number == read_number(form.into.data or "")).with_for_update()
        into = session.scalar(other)
        if into is None or not desk.may_see(me.member, into):
            raise NotTheSame
        writing.merge(session, case, version, into, by=me.member.actor, now=ground().clock())

    return act(me, number, form, do)
