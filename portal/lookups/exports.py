"""Exports: the look-ups of some days, for an auditor, once two people agreed; pseudonyms and reasons only (STF-18)."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.approvals.exports import Span
from portal.lookups.looks import RecordLook
from portal.lookups.searches import RecordSearch

KIND = "lookups-export"
HEADER = ("at", "member", "role", "what", "reason", "about", "search", "searched by")


def count(session: Session, span: Span) -> int:
    """How many rows there are."""
    return sum(
        session.scalar(select(func.count()).select_from(one).where(one.at >= span.since, one.at < span.until)) or 0
        for one in (RecordSearch, RecordLook)
    )


def rows(session: Session, span: Span) -> list[tuple[str, ...]]:
    """Each search and each look, oldest first."""
    return sorted(_rows(session, span))


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
