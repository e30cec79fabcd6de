"""Deciding: a second person agrees or refuses, the first one withdraws; one UPDATE decides whose word counts."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from portal.approvals.kinds import Actor, Kind, check_words
from portal.approvals.proposals import APPROVED, OPEN, REFUSED, WITHDRAWN, Proposal, digest_of, get, note_down
from portal.approvals.refusals import Changed, Gone, NotAsked, NotTaken, NotYours, SamePerson
from portal.audit.events import Event
from portal.database import changed

# Every word about a proposal has a reason from a list (STF-11); the door has them in words.
APPROVING = ("contents-checked", "checked-with-proposer")
REFUSING = ("not-right", "not-now", "not-explained")
WITHDRAWING = ("mistake", "not-needed", "replaced")


def approve(
    session: Session, kind: Kind, number: int, *, seen: str, actor: Actor, reason: str, note: str = "", now: datetime
) -> Proposal:
    """Agree to exactly what was seen, by its digest; raises one of NotTaken.

    Where its kind asks for two who agree, the first of them leaves it open, seconded.
    """
    role = kind.role_of_approver(actor)
    proposal = _of_another(session, kind, number, actor, now)
    actor.check_fresh(now)
    if digest_of(kind.name, proposal.payload) != seen or proposal.digest != seen:
        raise Changed
    check_words(APPROVING, reason, note)
    exactly = (Proposal.digest == seen, Proposal.proposer != actor.name)
    event = Event.PROPOSAL_SECONDED
    if not _second(session, proposal, *exactly, who=actor.name, now=now):
        event, last = Event.PROPOSAL_APPROVED, or_(Proposal.approvers == 1, Proposal.seconded_by != actor.name)
        values = {"state": APPROVED, "decided_by": actor.name, "decision_reason": reason, "decision_note": note}
        _end(session, proposal, *exactly, last, now=now, **values)
    note_down(session, event, proposal, now=now, actor=actor.name, reason=reason, role=role)
    return proposal


def refuse(
    session: Session, kind: Kind, number: int, *, actor: Actor, reason: str, note: str = "", now: datetime
) -> Proposal:
    """Say no, as somebody who might have agreed; raises one of NotTaken."""
    role = kind.role_of_approver(actor)
    proposal = _of_another(session, kind, number, actor, now)
    check_words(REFUSING, reason, note)
    values = {"state": REFUSED, "decided_by": actor.name, "decision_reason": reason, "decision_note": note}
    decided = _end(session, proposal, Proposal.proposer != actor.name, now=now, **values)
    note_down(session, Event.PROPOSAL_REFUSED, decided, now=now, actor=actor.name, reason=reason, role=role)
    return decided


def withdraw(session: Session, number: int, *, actor: Actor, reason: str, note: str = "", now: datetime) -> Proposal:
    """Take one's own proposal back while nobody has agreed; raises one of NotTaken."""
    proposal = _standing(session, number)
    if proposal.proposer != actor.name:
        raise NotYours
    check_words(WITHDRAWING, reason, note)
    values = {"state": WITHDRAWN, "decision_reason": reason, "decision_note": note}
    ended = _end(session, proposal, Proposal.proposer == actor.name, now=now, **values)
    note_down(session, Event.PROPOSAL_WITHDRAWN, ended, now=now, actor=actor.name, reason=reason)
    return ended


def may_decide(session: Session, kind: Kind, proposal: Proposal, actor: Actor, *, now: datetime) -> bool:
    """Whether they may say yes or no to it, once they showed their passkey."""
    try:
        kind.role_of_approver(actor)
        _check_another(session, kind, proposal, actor, now)
    except NotTaken:
        return False
    return proposal.is_open(now)


def _standing(session: Session, number: int) -> Proposal:
    proposal = get(session, number)
    if proposal is None:
        raise Gone
    return proposal


def _of_another(session: Session, kind: Kind, number: int, actor: Actor, now: datetime) -> Proposal:
    proposal = _standing(session, number)
    _check_another(session, kind, proposal, actor, now)
    return proposal


def _check_another(session: Session, kind: Kind, proposal: Proposal, actor: Actor, now: datetime) -> None:
    if proposal.kind != kind.name:
        raise Gone
    if actor.name in (proposal.proposer, proposal.seconded_by):
        raise SamePerson
    if not kind.admits(session, proposal.payload, who=actor.name, since=proposal.created_at, now=now):
        raise NotAsked


def _second(session: Session, proposal: Proposal, *exactly: ColumnElement[bool], who: str, now: datetime) -> bool:
    """Be the first of two who agree; False where one is enough, or somebody else was first."""
    first = (Proposal.approvers == 2, Proposal.seconded_by.is_(None), *_still(proposal, now), *exactly)
    seconded = changed(session, update(Proposal).where(*first).values(seconded_by=who)) == 1
    session.refresh(proposal)
    return seconded


def _end(session: Session, proposal: Proposal, *exactly: ColumnElement[bool], now: datetime, **values: str) -> Proposal:
    # Of any number at the same moment, one finds it open; the proposer does not even then.
    ending = update(Proposal).where(*_still(proposal, now), *exactly)
    if changed(session, ending.values(decided_at=now, **values)) != 1:
        raise Gone
    session.refresh(proposal)
    return proposal


def _still(proposal: Proposal, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Proposal.id == proposal.id, Proposal.state == OPEN, Proposal.expires_at > now)
