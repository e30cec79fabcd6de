"""The sight of one case: its page for the staff, which is written down, as the customer may know."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases import messages, official, templates
from portal.cases.case import CLOSED, CONTACT, Case, CaseMoved, show_number
from portal.cases.reasons import Reason
from portal.cases.writing import DisputeUndecided, NotTheSame
from portal.cohort import disputes
from portal.console import desk
from portal.console.desk_forms import (
    AnswerForm,
    AssignForm,
    CloseForm,
    ContactForm,
    DecideForm,
    MergeForm,
    NoteForm,
    RecordForm,
    SeenForm,
)
from portal.console.desk_words import ANSWERING, CLOSING, DECIDING, ENDED, HANDING, REASONS, STATES
from portal.console.finders import accounts_of
from portal.console.forms import values
from portal.console.page import page
from portal.console.record_words import WHY
from portal.console.search import brands_of, role_of
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.lookups import looks, masks
from portal.lookups.looks import Looker
from portal.lookups.reasons import READING
from portal.members import member
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.sealing import KeyRing

WORDS = {"answering": ANSWERING, "closing": CLOSING, "handing": HANDING, "deciding": DECIDING}
MOST_BESIDE = 20
Do = Callable[[Session, Case, int], None]


def act(
    me: Present, number: UUID, form: SeenForm, do: Do, then: Callable[[], ResponseReturnValue] | None = None
) -> ResponseReturnValue:
    """Do something with the case as it was seen, or show it anew with what was typed and why it was not done.

    What comes `then` is its page, if nothing else is said.
    """
    if not form.given_once().validate():
        return sight(me, number, form), 400
    try:
        with ground().database.write() as session:
            do(session, case_of(session, me, number), form.version.data or 0)
    except (CaseMoved, DisputeUndecided, NotTheSame) as refusal:
        return sight(me, number, form, refused=type(refusal).__name__), 409
    return then() if then else redirect(url_for("console.casework.show", number=number), 303)


def case_of(session: Session, me: Present, number: UUID) -> Case:
    """The case, if this member may see it; else there is none."""
    case = session.get(Case, number)
    return case if case is not None and desk.may_see(me.member, case) else abort(404)


def sight(
    me: Present, number: UUID, tried: SeenForm | None = None, *, refused: str = "", uncovered: bool = False
) -> str:
    """The page of one case; that this member looked at it is written down, whatever led here."""
    keys, now = ground().keys, ground().clock()
    with ground().database.write() as session:
        case = case_of(session, me, number)
        _note(session, me, case, now)
        accounts = {str(one.id): one.brand for one in accounts_of(session, case) if one.brand in brands_of(me)}
        said = messages.of(session, keys, case.id, notes=True)
        people = member.everybody(session)
        told = {"beside": _beside(session, case), "disputed": disputes.is_about(session, case.id)}
    held = case.claimed_by is not None and case.claimed_until is not None and case.claimed_until > now
    mine = held and case.claimed_by == me.member.actor
    agents = {one.actor: one.name for one in people if _can_take(one, case)}
    told |= {"case": case, "said": said, "names": {one.actor: one.name for one in people}, "agents": agents}
    told |= {
        "held": held,
        "mine": mine,
        "is_open": case.state != CLOSED,
        "refused": refused,
        "tried": tried,
        "now": now,
    }
    told |= _contact(keys, case, uncovered=uncovered) if mine else {}
    brands = desk.brand_names()
    told["accounts"] = {number: brands.get(brand, brand) for number, brand in accounts.items()} if mine else {}
    forms = _forms(tried, case, agents)
    forms["record"].account.choices = values(accounts)
    return page(me, "console/case.html", forms=forms, **told, **_words_of(case), **WORDS)


def _words_of(case: Case) -> dict[str, Any]:
    ready = [templates.ready(case.locale, name) for name in templates.named()]
    return {
        "number": show_number(case.number),
        "reason": REASONS[Reason(case.reason)],
        "states": STATES,
        "ended": ENDED.get(case.close_reason) if case.close_reason else None,  # type: ignore[call-overload]
        "ready": ready,
        "links": sorted(official.links(current_incident())),
        "brand_names": desk.brand_names(),
        "show_number": show_number,
        "why": WHY,
    }


def _forms(tried: SeenForm | None, case: Case, agents: dict[str, str]) -> dict[str, SeenForm]:
    kinds = {"answer": AnswerForm, "note": NoteForm, "close": CloseForm, "decide": DecideForm}
    kinds |= {"assign": AssignForm, "merge": MergeForm, "record": RecordForm, "contact": ContactForm}
    forms = {name: tried if isinstance(tried, kind) else kind(formdata=None) for name, kind in kinds.items()}
    if not isinstance(tried, AnswerForm) and (name := request.args.get("ready")) in templates.named():
        forms["answer"].text.data = templates.filled(current_incident(), case, name)
    forms["assign"].to.choices = values(agents)
    return forms


def _contact(keys: KeyRing, case: Case, *, uncovered: bool) -> dict[str, Any]:
    if case.contact_sealed is None:
        return {}
    contact = keys.unseal(CONTACT, case.id, case.contact_sealed)
    return {"contact": contact if uncovered else masks.address(contact), "uncovered": uncovered}


def _note(session: Session, me: Present, case: Case, now: datetime) -> None:
    looker = Looker(me.member.id, role_of(me), READING, case=case.id)
    looks.note(session, looker, case.customer_id, looks.READ, now=now)
    trail.record(session, Event.CASE_SEEN, now=now, actor=me.member.actor, subject=case.subject)


def agents_for(session: Session, case: Case) -> dict[str, str]:
    """The name of everybody who could work on this case, by what the trail calls them."""
    return {one.actor: one.name for one in member.everybody(session) if _can_take(one, case)}


def _can_take(person: member.Member, case: Case) -> bool:
    return Role.AGENT in person.holds and person.disabled_at is None and desk.may_see(person, case)


def _beside(session: Session, case: Case) -> list[Case]:
    """Other cases of the same proven address, and those that go on in this one."""
    same = [Case.merged_into == case.id, Case.id == case.merged_into]
    if case.email_index is not None:
        same.append(Case.email_index == case.email_index)
    mine = select(Case).where(or_(*same), Case.id != case.id)
    return list(session.scalars(mine.order_by(Case.id.desc()).limit(MOST_BESIDE)))
