"""Exports: the look-ups of some days, for an auditor, once two people agreed; pseudonyms and reasons only (STF-18)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.approvals.kinds import Payload
from portal.approvals.proposals import DONE, Proposal, get
from portal.cells import table
from portal.database import Database
from portal.lookups.looks import RecordLook
from portal.lookups.searches import RecordSearch

KIND = "lookups-export"
OPEN_FOR = timedelta(days=7)  # how long an approved export can be downloaded
HEADER = ("at", "member", "role", "what", "reason", "about", "search", "searched by")
MARK = ("taken out by", "taken out at", "agreed on in", "agreed by")


@dataclass(frozen=True)
class Span:
    """From one moment until another, which it no longer holds."""

    since: datetime
    until: datetime


def payload_of(session: Session, span: Span) -> Payload:
    """What two people agree on: which time, and how many rows that are."""
    rows = sum(
        session.scalar(select(func.count()).select_from(one).where(one.at >= span.since, one.at < span.until)) or 0
        for one in (RecordSearch, RecordLook)
    )
    return {"since": span.since.isoformat(), "until": span.until.isoformat(), "rows": rows}


def span_of(payload: Payload) -> Span:
    """The time that a payload speaks of."""
    return Span(*(datetime.fromisoformat(str(payload[name])) for name in ("since", "until")))


@dataclass
class Exporting:
    """The worker's part: it looks whether the rows are still those, and the download opens."""

    database: Database

    def found(self, payload: Payload) -> Payload | None:
        """The same, counted now."""
        with self.database.read() as session:
            return payload_of(session, span_of(payload))

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Nothing more than being called done: the auditor downloads it."""


def ready(session: Session, number: int, *, now: datetime) -> Proposal | None:
    """The export of this number, if two people agreed on it within the last week."""
    proposal = get(session, number)
    if proposal is None or proposal.kind != KIND or proposal.state != DONE or proposal.carried_out_at is None:
        return None
    return proposal if now - proposal.carried_out_at <= OPEN_FOR else None


def latest(session: Session, *, most: int = 20) -> list[Proposal]:
    """The newest exports, whatever became of them."""
    ours = select(Proposal).where(Proposal.kind == KIND)
    return list(session.scalars(ours.order_by(Proposal.id.desc()).limit(most)))


def written(session: Session, proposal: Proposal, *, reader: str, now: datetime) -> str:
    """The table as CSV; each row says who took it out, when, and by which proposal."""
    mark = (reader, now.isoformat(timespec="seconds"), f"proposal {proposal.id}", proposal.decided_by)
    rows = sorted(_rows(session, span_of(proposal.payload)))
    return table((*HEADER, *MARK), [(*row, *mark) for row in rows])


def _rows(session: Session, span: Span) -> Iterator[tuple[str, ...]]:
    for one in session.scalars(select(RecordSearch).where(RecordSearch.at >= span.since, RecordSearch.at < span.until)):
        what = "search refused" if one.refused else "search"
        yield _moment(one.at), f"member:{one.member_id}", "", what, one.reason, "", f"search:{one.id}", one.finder
    for look in session.scalars(select(RecordLook).where(RecordLook.at >= span.since, RecordLook.at < span.until)):
        search = f"search:{look.search_id}" if look.search_id else ""
        about = f"account:{look.customer_id}" if look.customer_id else f"case:{look.case_id}"
        said = (look.role, look.what, look.reason, about, search, "")
        yield _moment(look.at), f"member:{look.member_id}", *said


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
