"""Casework: an agent reads a case, takes it, answers, notes, decides and closes; only one at a time (STF-12)."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.cases import claims, official, writing
from portal.cases.case import Case, CaseMoved, change
from portal.cases.official import StrangeLink
from portal.cases.reasons import Answering, Asking, Closure
from portal.cohort import disputes
from portal.console.access import staff, staff_post
from portal.console.desk import READERS
from portal.console.desk_forms import AnswerForm, CloseForm, DecideForm, NoteForm, SeenForm
from portal.console.sight import act, sight
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("casework", __name__, url_prefix="/desk/<uuid:number>")


@door.get("")
@staff(*READERS)
def show(me: Present, number: UUID) -> ResponseReturnValue:
    """The case; that it was read is written down."""
    return sight(me, number)


@door.post("/claim")
@staff_post(Role.AGENT)
def claim(me: Present, number: UUID) -> ResponseReturnValue:
    """Take the case, or hold it longer."""

    def do(session: Session, case: Case, version: int) -> None:
        claims.claim(session, case, version, by=me.member.actor, now=ground().clock())

    return act(me, number, SeenForm(), do)


@door.post("/release")
@staff_post(Role.AGENT)
def release(me: Present, number: UUID) -> ResponseReturnValue:
    """Give the case back to the desk."""

    def do(session: Session, case: Case, version: int) -> None:
        claims.release(session, case, version, by=me.member.actor)

    return act(me, number, SeenForm(), do)


@door.post("/answers")
@staff_post(Role.AGENT)
def answer(me: Present, number: UUID) -> ResponseReturnValue:
    """Answer, or ask; no address may be named that is not official."""
    form = AnswerForm()
    try:
        official.check(form.text.data or "", official.links(current_incident()))
    except StrangeLink as strange:
        form.text.errors = [_("Take out “%(link)s”. Only official links may stand in an answer.", link=strange.found)]
        return sight(me, number, form), 400

    def do(session: Session, case: Case, version: int) -> None:
        why: Answering | Asking = (Asking if form.why.data in list(Asking) else Answering)(form.why.data)
        said = {"by": me.member.actor, "why": why, "now": ground().clock()}
        writing.answer(session, ground().keys, case, version, form.text.data, **said)  # type: ignore[arg-type]

    return act(me, number, form, do)


@door.post("/notes")
@staff_post(Role.AGENT)
def note(me: Present, number: UUID) -> ResponseReturnValue:
    """Leave a note for the staff."""
    form = NoteForm()

    def do(session: Session, case: Case, version: int) -> None:
        said = {"by": me.member.actor, "now": ground().clock()}
        writing.note(session, ground().keys, case, version, form.note.data, **said)  # type: ignore[arg-type]

    return act(me, number, form, do)


@door.post("/closure")
@staff_post(Role.AGENT)
def close(me: Present, number: UUID) -> ResponseReturnValue:
    """End the case, and say how."""
    form = CloseForm()

    def do(session: Session, case: Case, version: int) -> None:
        writing.close(session, case, version, Closure(form.why.data), by=me.member.actor, now=ground().clock())

    return act(me, number, form, do)


@door.post("/decision")
@staff_post(Role.AGENT)
def decide(me: Present, number: UUID) -> ResponseReturnValue:
    """Decide what the customer disputes."""
    form = DecideForm()

    def do(session: Session, case: Case, version: int) -> None:
        by, now = me.member.actor, ground().clock()
        change(session, case.id, version, by=by, now=now)
        if not disputes.decide(session, case.id, form.why.data, by=by, now=now):
            raise CaseMoved

    return act(me, number, form, do)
