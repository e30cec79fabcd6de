"""Exports: the cases of some days as metadata, for the company's own help-desk system, once two people agreed."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.approvals.exports import Span
from portal.cases.case import Case
from portal.cases.notices import metadata

KIND = "cases-export"
HEADER = ("number", "about", "state", "brand", "language", "opened", "due", "answered", "closed", "ended")


def count(session: Session, span: Span) -> int:
    """How many cases were opened then."""
    within = select(func.count(Case.id)).where(Case.opened_at >= span.since, Case.opened_at < span.until)
    return session.scalar(within) or 0


def rows(session: Session, span: Span) -> Iterator[tuple[str, ...]]:
    """Each case as it is now, the oldest first."""
    within = select(Case).where(Case.opened_at >= span.since, Case.opened_at < span.until)
    for case in session.scalars(within.order_by(Case.opened_at, Case.id)):
        said = metadata(case)
        yield tuple(said[name] or "" for name in HEADER)
