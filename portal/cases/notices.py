"""Notices: what the company's own help-desk system hears of cases: numbers, states and times, nobody's words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.events import Event
from portal.audit.trail import AuditEvent, AuditSeal
from portal.cases.case import Case, show_number
from portal.database import Base, changed, inserted

HELPDESK = "helpdesk"
AT_ONCE = 50
STRIDE = 2_000  # entries of the trail that are looked through at once
LEASE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
STEPS = (
    Event.CASE_OPENED,
    Event.CASE_WRITTEN,
    Event.CASE_CLAIMED,
    Event.CASE_ASSIGNED,
    Event.CASE_ANSWERED,
    Event.CASE_MERGED,
    Event.CASE_CLOSED,
)
SUBJECT = "case:"


class NoticePlace(Base):
    """How far in the sealed trail a listener has heard; each further try waits longer."""

    __tablename__ = "notice_place"

    listener: Mapped[str] = mapped_column(String(20), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]


@dataclass(frozen=True)
class Batch:
    """Some steps in their order, and the places in the trail before and after them; none where it tells of others."""

    before: int
    after: int
    steps: list[dict[str, Any]]


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether the help desk should hear something now; before the first time, whether it must be let in."""
    place = session.get(NoticePlace, HELPDESK)
    if place is None:
        return True
    until = _until(session, place)
    return place.due_at <= now and (_is_far(place, until) or _next(session, place.sequence, until, 1) != [])


def take(session: Session, *, now: datetime) -> Batch | None:
    """The next steps, for this worker alone until its lease ends; None where there are none.

    The first time nothing is told: what was before the help desk listened is none of its business.
    """
    if inserted(session, NoticePlace, listener=HELPDESK, sequence=_newest(session), tries=0, due_at=now):
        return None
    due = select(NoticePlace).where(NoticePlace.listener == HELPDESK, NoticePlace.due_at <= now)
    place = session.scalar(due.with_for_update(skip_locked=True))
    if place is None:
        return None
    until = _until(session, place)
    rows = _next(session, place.sequence, until, AT_ONCE)
    if not rows and not _is_far(place, until):
        return None
    place.due_at = now + min(LEASE * 2 ** min(place.tries, 10), LONGEST_PAUSE)
    place.tries += 1
    return Batch(place.sequence, rows[-1][0] if len(rows) == AT_ONCE else until, _told(session, rows))


def heard(session: Session, batch: Batch, *, now: datetime) -> None:
    """The help desk took them; the next ones can go at once."""
    mine = update(NoticePlace).where(NoticePlace.listener == HELPDESK, NoticePlace.sequence == batch.before)
    changed(session, mine.values(sequence=batch.after, tries=0, due_at=now))


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(AuditSeal.sequence))) or 0


def _until(session: Session, place: NoticePlace) -> int:
    return min(_newest(session), place.sequence + STRIDE)


def _is_far(place: NoticePlace, until: int) -> bool:
    return until - place.sequence == STRIDE


def _next(session: Session, after: int, until: int, most: int) -> list[tuple[int, AuditEvent]]:
    # By the seal's number, since the numbers of events come out of order where many write at once.
    sealed = select(AuditSeal.sequence, AuditEvent).join(AuditEvent, AuditEvent.id == AuditSeal.event_id)
    within = sealed.where(AuditSeal.sequence > after, AuditSeal.sequence <= until)
    mine = within.where(AuditEvent.kind.in_([step.value for step in STEPS]))
    return [(row[0], row[1]) for row in session.execute(mine.order_by(AuditSeal.sequence).limit(most))]


def _told(session: Session, rows: list[tuple[int, AuditEvent]]) -> list[dict[str, Any]]:
    numbers = {UUID(event.subject.removeprefix(SUBJECT)) for _, event in rows}
    cases = {case.id: metadata(case) for case in session.scalars(select(Case).where(Case.id.in_(numbers)))}
    return [
        {"id": sequence, "type": event.kind, "at": event.at.isoformat(), "case": cases[_case(event)]}
        for sequence, event in rows
    ]


def _case(event: AuditEvent) -> UUID:
    return UUID(event.subject.removeprefix(SUBJECT))


def metadata(case: Case) -> dict[str, str | None]:
    """What may leave the house of a case, as it is now: nobody's words, address, account or name."""
    times = {"opened": case.opened_at, "due": case.due_at, "answered": case.answered_at, "closed": case.closed_at}
    said = {"number": show_number(case.number), "about": case.reason, "state": case.state}
    said |= {"brand": case.brand, "language": case.locale}
    moments = {name: at.isoformat(timespec="seconds") if at else None for name, at in times.items()}
    return said | moments | {"ended": case.close_reason}
