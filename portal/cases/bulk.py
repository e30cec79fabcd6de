"""Bulk: one ready answer to every case of one cause, written down first and carried out in small steps, each once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, insert, literal, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit import trail
from portal.audit.events import Event
from portal.cases import claims, queue, templates, writing
from portal.cases.case import NEW, OPEN, Case, CaseMoved
from portal.cases.queue import Filter
from portal.cases.reasons import Answering
from portal.database import Base, changed, inserted
from portal.incident.file import Incident
from portal.sealing import KeyRing

STEP = 20
ANSWERED, LEFT = "ANSWERED", "LEFT"  # a case that somebody works on, or that moved on, is left to people
IS_LEFT_TO_DO = text("outcome is null")


class BulkMoved(Exception):
    """Other cases fit than the rehearsal counted; look again."""


class BulkAnswer(Base):
    """One act: which ready answer, of whom, and to how many."""

    __tablename__ = "bulk_answer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    ready: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    cases: Mapped[int]


class BulkCase(Base):
    """One case of an act, answered at most once by it."""

    __tablename__ = "bulk_case"
    __table_args__ = (
        CheckConstraint(f"outcome in ('{ANSWERED}', '{LEFT}')", name="outcome"),
        Index("ix_bulk_case_left", "bulk_id", sqlite_where=IS_LEFT_TO_DO, postgresql_where=IS_LEFT_TO_DO),
        Index("ix_bulk_case_case_id", "case_id"),
    )

    bulk_id: Mapped[UUID] = mapped_column(ForeignKey(BulkAnswer.id), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), primary_key=True)
    outcome: Mapped[str | None] = mapped_column(String(8))


@dataclass(frozen=True)
class Progress:
    """How far an act is."""

    act: BulkAnswer
    answered: int
    left: int

    @property
    def waiting(self) -> int:
        """How many cases it has not come to."""
        return self.act.cases - self.answered - self.left


def count(session: Session, wanted: Filter, *, now: datetime) -> int:
    """How many cases would be answered: of this cause, ours to do, and in nobody's hands."""
    fits = queue.everything(wanted, me="", now=now)
    return session.scalar(select(func.count(Case.id)).where(fits)) or 0


def order(
    session: Session, act: UUID, wanted: Filter, ready: str, *, counted: int, by: str, now: datetime
) -> BulkAnswer | None:
    """Write the act down with its cases; None where it stands already. Raises BulkMoved."""
    row = {"id": act, "ready": ready, "reason": wanted.reason, "made_by": by, "made_at": now, "cases": counted}
    if not inserted(session, BulkAnswer, **row):
        return None
    fits = queue.everything(wanted, me="", now=now)
    chosen = select(literal(act, BulkCase.bulk_id.type), Case.id).where(fits)
    session.execute(insert(BulkCase).from_select(["bulk_id", "case_id"], chosen))
    # Not every driver tells how many rows such a statement wrote.
    if session.scalar(select(func.count()).where(BulkCase.bulk_id == act)) != counted:
        raise BulkMoved
    said = {"ready": ready, "reason": wanted.reason}
    trail.record(session, Event.CASES_ANSWERED, now=now, actor=by, subject=f"bulk:{act}", cases=counted, **said)
    return session.get_one(BulkAnswer, act)


def is_any_waiting(session: Session) -> bool:
    """Whether an act is not through."""
    return session.scalar(select(BulkCase.case_id).where(BulkCase.outcome.is_(None)).limit(1)) is not None


def answer_some(session: Session, keys: KeyRing, incident: Incident, *, now: datetime) -> bool:
    """Answer the next few cases, which are marked in the same transaction; whether there may be more."""
    waiting = select(BulkCase).where(BulkCase.outcome.is_(None)).limit(STEP).with_for_update(skip_locked=True)
    rows = session.scalars(waiting).all()
    for row in rows:
        act = session.get_one(BulkAnswer, row.bulk_id)
        outcome = ANSWERED if _answered(session, keys, incident, act, row.case_id, now=now) else LEFT
        done = update(BulkCase).where(BulkCase.bulk_id == row.bulk_id, BulkCase.case_id == row.case_id)
        changed(session, done.values(outcome=outcome))
    return bool(rows)


def progress(session: Session, act: UUID) -> Progress | None:
    """How far an act is; None where there is none."""
    found = session.get(BulkAnswer, act)
    if found is None:
        return None
    mine = select(BulkCase.outcome, func.count()).where(BulkCase.bulk_id == act).group_by(BulkCase.outcome)
    by_outcome = {row[0]: row[1] for row in session.execute(mine)}
    return Progress(found, by_outcome.get(ANSWERED, 0), by_outcome.get(LEFT, 0))


def _answered(
    session: Session, keys: KeyRing, incident: Incident, act: BulkAnswer, case_id: UUID, *, now: datetime
) -> bool:
    case = session.get_one(Case, case_id)
    # Whoever holds the case reads it now, even the one who ordered this.
    in_hand = case.claimed_until is not None and case.claimed_until > now
    if case.state not in (NEW, OPEN) or case.reason != act.reason or in_hand:
        return False
    said = templates.filled(incident, case, act.ready)
    by = act.made_by
    try:
        version = claims.claim(session, case, case.version, by=by, now=now)
        writing.answer(session, keys, case, version, said, by=by, why=Answering.TOLD, now=now)
        claims.release(session, case, version + 1, by=by)
    except CaseMoved:
        return False
    return True
