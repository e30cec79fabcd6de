"""Exports: tables of some days that may be taken out once two people agreed, each row marked by whom (STF-18)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.approvals.kinds import Payload
from portal.approvals.proposals import DONE, Proposal, get
from portal.cells import table
from portal.database import Database

OPEN_FOR = timedelta(days=7)  # how long an approved export can be downloaded
MARK = ("taken out by", "taken out at", "agreed on in", "agreed by")


@dataclass(frozen=True)
class Span:
    """From one moment until another, which it no longer holds."""

    since: datetime
    until: datetime


Count = Callable[[Session, Span], int]


def payload_of(session: Session, span: Span, count: Count) -> Payload:
    """What two people agree on: which time, and how many rows that are."""
    return {"since": span.since.isoformat(), "until": span.until.isoformat(), "rows": count(session, span)}


def span_of(payload: Payload) -> Span:
    """The time that a payload speaks of."""
    return Span(*(datetime.fromisoformat(str(payload[name])) for name in ("since", "until")))


@dataclass
class Exporting:
    """The worker's part: it looks whether the rows are still those, and the download opens."""

    database: Database
    count: Count

    def found(self, payload: Payload) -> Payload | None:
        """The same, counted now."""
        with self.database.read() as session:
            return payload_of(session, span_of(payload), self.count)

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Nothing more than being called done: the auditor downloads it."""


def ready(session: Session, kind: str, number: int, *, now: datetime) -> Proposal | None:
    """The export of this number, if two people agreed on it within the last week."""
    proposal = get(session, number)
    if proposal is None or proposal.kind != kind or proposal.state != DONE or proposal.carried_out_at is None:
        return None
    return proposal if now - proposal.carried_out_at <= OPEN_FOR else None


def latest(session: Session, kind: str, *, most: int = 20) -> list[Proposal]:
    """The newest exports of a kind, whatever became of them."""
    ours = select(Proposal).where(Proposal.kind == kind)
    return list(session.scalars(ours.order_by(Proposal.id.desc()).limit(most)))


def marked(
    header: Sequence[str], rows: Iterable[Sequence[object]], proposal: Proposal, *, reader: str, now: datetime
) -> str:
    """The table as CSV; each row says who took it out, when, and by which proposal."""
    mark = (reader, now.isoformat(timespec="seconds"), f"proposal {proposal.id}", proposal.decided_by)
    return table((*header, *MARK), [(*row, *mark) for row in rows])
