"""Counting: how many cases are ours to do, by reason and age, and how many are late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from portal.cases.case import NEW, OPEN, Case

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """One reason's open cases: all, younger than a day, one to three days old, older, and late."""

    reason: str
    open: int
    young: int
    days: int
    old: int
    late: int


def by_reason(session: Session, brands: Sequence[str], *, now: datetime) -> list[Row]:
    """A row for each reason that has open cases; of these brands, or of all where none is named."""
    young, old = Case.opened_at > now - DAY, Case.opened_at <= now - 3 * DAY
    sums = (_sum(young), _sum(~young & ~old), _sum(old), _sum(Case.due_at < now))
    mine = select(Case.reason, func.count(), *sums).where(Case.state.in_((NEW, OPEN)))
    mine = mine.where(Case.brand.in_(brands)) if brands else mine
    return [Row(*row) for row in session.execute(mine.group_by(Case.reason).order_by(Case.reason))]


def total(rows: Sequence[Row]) -> Row:
    """All rows as one."""
    names = ("open", "young", "days", "old", "late")
    return Row("", *(sum(getattr(row, name) for row in rows) for name in names))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
