"""Numbers: how much each member looks up, against what is allowed; for whoever watches over the staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from portal.limits import DAY, HOUR
from portal.lookups.looks import MASKED, SHEET, RecordLook
from portal.lookups.searches import RecordSearch
from portal.members.member import Member


@dataclass(frozen=True)
class Numbers:
    """One member: searches of the last hour; and of the last day searches, refused ones, records, uncovered fields."""

    name: str
    hour: int
    day: int
    refused: int
    opened: int
    unmasked: int


def by_member(session: Session, *, now: datetime) -> Sequence[Numbers]:
    """Everybody who looked anything up within the last day, who did most of it first; by one question."""
    hour, day = (now - timedelta(seconds=spell) for spell in (HOUR, DAY))
    done, refused = RecordSearch.refused.is_(False), RecordSearch.refused.is_(True)
    counted = (_sum(done & (RecordSearch.at > hour)), _sum(done), _sum(refused))
    named = [column.label(name) for name, column in zip(("hour", "day", "refused"), counted, strict=True)]
    searched = select(RecordSearch.member_id, *named).where(RecordSearch.at > day).group_by(RecordSearch.member_id)
    told = (RecordLook.what == SHEET, RecordLook.what.in_(MASKED))
    seen = (_sum(told[0]).label("opened"), _sum(told[1]).label("unmasked"))
    looked = select(RecordLook.member_id, *seen).where(RecordLook.at > day, or_(*told)).group_by(RecordLook.member_id)
    first, second = searched.subquery(), looked.subquery()
    columns = (first.c.hour, first.c.day, first.c.refused, second.c.opened, second.c.unmasked)
    rows = select(Member.name, *(func.coalesce(column, 0) for column in columns))
    rows = rows.join(first, first.c.member_id == Member.id, isouter=True)
    rows = rows.join(second, second.c.member_id == Member.id, isouter=True)
    somebody = or_(first.c.member_id.is_not(None), second.c.member_id.is_not(None))
    found = (Numbers(*row) for row in session.execute(rows.where(somebody)))
    return sorted(found, key=lambda numbers: (-numbers.hour, -numbers.day, numbers.name))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
