"""Approvals: what waits for a second person, exactly what it is, and that person's yes or no."""

from collections.abc import Callable, Iterable

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.approvals import deciding, proposals
from portal.approvals.door import REFUSALS, WORDS, kinds
from portal.approvals.kinds import Actor, Kind
from portal.approvals.proposals import Proposal
from portal.approvals.refusals import NotTaken
from portal.console.access import staff, staff_post
from portal.console.forms import DecisionForm
from portal.console.page import page
from portal.console.words import STATES
from portal.extensions import ground
from portal.members import member
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("inbox", __name__, url_prefix="/approvals")
DECIDERS = (Role.APPROVER, Role.ADMIN)
PROPOSERS = (*DECIDERS, Role.OPERATOR, Role.CODE_MANAGER)
ACTS = {"approve": deciding.APPROVING, "refuse": deciding.REFUSING, "withdraw": deciding.WITHDRAWING}
Decide = Callable[[Session, DecisionForm, Actor], object]


def acting(me: Present) -> Actor:
    """The member as the hall of approvals knows people."""
    return Actor(me.member.actor, frozenset(role.value for role in me.member.holds), me.session.stepped_up_at)


@door.get("")
@staff(*PROPOSERS, Role.AUDITOR)
def show(me: Present) -> ResponseReturnValue:
    """What waits, and what became of the last ones."""
    with ground().database.read() as session:
        waiting = proposals.open_ones(session, now=ground().clock())
        settled = [one for one in proposals.latest(session) if one not in waiting]
        names = member.names(session)
    return page(
        me, "console/approvals.html", waiting=waiting, settled=settled, names=names, kinds=kinds(), state_words=STATES
    )


@door.get("/<int:number>")
@staff(*PROPOSERS, Role.AUDITOR)
def one(me: Present, number: int) -> ResponseReturnValue:
    """One proposal, with all its facts."""
    return _one(me, number)


@door.post("/<int:number>/approval")
@staff_post(*DECIDERS, step_up=True)
def approve(me: Present, number: int) -> ResponseReturnValue:
    """Agree to exactly what the page showed."""

    def act(session: Session, form: DecisionForm, actor: Actor) -> object:
        said = {"reason": form.reason.data or "", "note": form.note.data or "", "seen": form.seen.data or ""}
        return deciding.approve(session, _kind(session, number), number, actor=actor, now=ground().clock(), **said)

    return _decide(me, number, deciding.APPROVING, act)


@door.post("/<int:number>/refusal")
@staff_post(*DECIDERS, step_up=True)
def refuse(me: Present, number: int) -> ResponseReturnValue:
    """Say no."""

    def act(session: Session, form: DecisionForm, actor: Actor) -> object:
        said = {"reason": form.reason.data or "", "note": form.note.data or ""}
        return deciding.refuse(session, _kind(session, number), number, actor=actor, now=ground().clock(), **said)

    return _decide(me, number, deciding.REFUSING, act)


@door.post("/<int:number>/withdrawal")
@staff_post(*PROPOSERS)
def withdraw(me: Present, number: int) -> ResponseReturnValue:
    """Take back what one proposed."""

    def act(session: Session, form: DecisionForm, actor: Actor) -> object:
        said = {"reason": form.reason.data or "", "note": form.note.data or ""}
        return deciding.withdraw(session, number, actor=actor, now=ground().clock(), **said)

    return _decide(me, number, deciding.WITHDRAWING, act)


def _decide(me: Present, number: int, reasons: Iterable[str], act: Decide) -> ResponseReturnValue:
    form = _form(reasons).given_once()
    if not form.validate():
        return _one(me, number, form), 400
    try:
        with ground().database.write() as session:
            act(session, form, acting(me))
    except NotTaken as refusal:
        form.reason.errors = [REFUSALS[type(refusal)]]
        return _one(me, number, form), 409
    return redirect(url_for("console.inbox.one", number=number), 303)


def _kind(session: Session, number: int) -> Kind:
    proposal = proposals.get(session, number) or abort(404)
    return kinds().get(proposal.kind) or abort(404)


def _may(session: Session, me: Present, kind: Kind, proposal: Proposal) -> dict[str, bool]:
    now = ground().clock()
    decides = deciding.may_decide(session, kind, proposal, acting(me), now=now)
    return {"decide": decides, "withdraw": proposal.is_open(now) and proposal.proposer == me.member.actor}


def _form(reasons: Iterable[str], **said: object) -> DecisionForm:
    form = DecisionForm(**said)
    form.reason.offer(reasons)
    return form


def _one(me: Present, number: int, tried: DecisionForm | None = None) -> str:
    with ground().database.read() as session:
        proposal = proposals.get(session, number) or abort(404)
        kind, names = _kind(session, number), member.names(session)
        may = _may(session, me, kind, proposal)
    blank = {name: _form(reasons, formdata=None) for name, reasons in ACTS.items()}
    said = {"proposal": proposal, "kind": kind, "told": kind.describe(proposal.payload), "names": names}
    said |= {"words": WORDS, "state_words": STATES, "forms": blank, "tried": tried}
    return page(me, "console/approval.html", may=may, **said)
