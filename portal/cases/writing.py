"""Writing in a case: the customer says more, or has no more need of us; the staff answers, or closes it."""

from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases import correspondence, messages
from portal.cases.case import ANSWERED, CLOSED, NEW, OPEN, WAITING, Case, CaseMoved, change, held
from portal.cases.deadlines import due
from portal.cases.messages import ANSWER, CUSTOMER, NOTE, Message
from portal.cases.reasons import HOURS, Answering, Asking, Closure, Reason
from portal.cohort import disputes
from portal.limits import MESSAGES_PER_CASE
from portal.sealing import KeyRing


class CaseClosed(Exception):
    """The case has ended; whoever needs more opens another."""


class TooManyMessages(Exception):
    """So much was written in this case today that it waits for us."""


class NotTheSame(Exception):
    """Nothing says that one person wrote both cases."""


class DisputeUndecided(Exception):
    """The case holds an answer under review: somebody must decide first."""


def write_again(session: Session, keys: KeyRing, case_id: UUID, text: str, zone: tzinfo, *, now: datetime) -> None:
    """The customer says more: it is our turn again. Raises CaseClosed or TooManyMessages."""
    case = _living(session, case_id)
    day = now - timedelta(seconds=MESSAGES_PER_CASE.per)
    mine = select(func.count(Message.id)).where(Message.case_id == case.id, Message.kind == CUSTOMER)
    if (session.scalar(mine.where(Message.created_at > day)) or 0) >= MESSAGES_PER_CASE.amount:
        raise TooManyMessages
    # Whoever waits already keeps the earlier deadline.
    waits_already = case.state in (NEW, OPEN)
    turn: dict[str, Any] = {"state": OPEN, "due_at": due(now, HOURS[Reason(case.reason)], zone)}
    version = change(session, case.id, case.version, now=now, **({} if waits_already else turn))
    messages.add(session, keys, case.id, version, kind=CUSTOMER, author="customer", text=text, now=now)
    trail.record(session, Event.CASE_WRITTEN, now=now, actor="customer", subject=case.subject)


def take_back(session: Session, case_id: UUID, *, now: datetime) -> None:
    """The customer needs no answer any more; what was disputed stands as it was said. Raises CaseClosed."""
    case = _living(session, case_id)
    disputes.decide(session, case.id, disputes.STANDS, by="customer", now=now)
    _end(session, case, case.version, Closure.BY_CUSTOMER, by=None, now=now)


def answer(
    session: Session,
    keys: KeyRing,
    case: Case,
    version: int,
    text: str,
    *,
    by: str,
    why: Answering | Asking = Answering.TOLD,
    now: datetime,
) -> bool:
    """A member answers, or asks the customer: whether a letter says so, to a proven address. Raises CaseMoved."""
    _must_live(case)
    state = WAITING if isinstance(why, Asking) else ANSWERED
    seq = change(session, case.id, version, by=by, now=now, state=state, answered_at=now)
    messages.add(session, keys, case.id, seq, kind=ANSWER, author=by, text=text, now=now)
    told = correspondence.announce(session, keys, case, now=now)
    trail.record(session, Event.CASE_ANSWERED, now=now, actor=by, subject=case.subject, letter=told, why=why.value)
    return told


def note(session: Session, keys: KeyRing, case: Case, version: int, text: str, *, by: str, now: datetime) -> None:
    """A member leaves a note that no customer sees. Raises CaseMoved."""
    _must_live(case)
    seq = change(session, case.id, version, by=by, now=now)
    messages.add(session, keys, case.id, seq, kind=NOTE, author=by, text=text, now=now)


def close(session: Session, case: Case, version: int, why: Closure, *, by: str, now: datetime) -> None:
    """A member ends the case. Raises CaseMoved, or DisputeUndecided."""
    _must_live(case)
    if disputes.is_about(session, case.id):
        raise DisputeUndecided
    _end(session, case, version, why, by=by, now=now)


def merge(session: Session, case: Case, version: int, into: Case, *, by: str, now: datetime) -> None:
    """A member goes on with the case in another one of the same proven address, by the earlier deadline.

    Raises CaseMoved where either moved, NotTheSame where nothing says that one person wrote both, or DisputeUndecided.
    """
    if case.id == into.id or case.email_index is None or case.email_index != into.email_index:
        raise NotTheSame
    _must_live(into)
    if into.claimed_by not in (None, by) and into.claimed_until and into.claimed_until > now:
        raise CaseMoved
    close(session, case, version, Closure.MERGED, by=by, now=now)
    change(session, into.id, into.version, now=now, due_at=min(case.due_at, into.due_at))
    session.execute(update(Case).where(Case.id == case.id).values(merged_into=into.id))
    trail.record(session, Event.CASE_MERGED, now=now, actor=by, subject=case.subject, into=str(into.id))


def _end(session: Session, case: Case, version: int, why: Closure, *, by: str | None, now: datetime) -> None:
    ended = {"state": CLOSED, "closed_at": now, "close_reason": why.value, "claimed_by": None, "claimed_until": None}
    change(session, case.id, version, by=by, now=now, **ended)
    trail.record(session, Event.CASE_CLOSED, now=now, actor=by or "customer", subject=case.subject, reason=why.value)


def _living(session: Session, case_id: UUID) -> Case:
    case = held(session, case_id)
    if case.state == CLOSED:
        raise CaseClosed
    return case


def _must_live(case: Case) -> None:
    if case.state == CLOSED:
        raise CaseMoved
