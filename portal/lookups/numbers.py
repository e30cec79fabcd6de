"""Numbers: how much each member looks up, against what is allowed; for whoever watches over the staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.limits import DAY, HOUR
from portal.lookups.looks import MASKED, SHEET, RecordLook
from portal.lookups.searches import RecordSearch


@dataclass(frozen=True)
class Numbers:
    """One member: searches of the last hour; and of the last day searches, refused ones, records, uncovered fields."""

    member: str
    hour: int
    day: int
    refused: int
    opened: int
    unmasked: int


def by_member(session: Session, *, now: datetime) -> Sequence[Numbers]:
    """Everybody who looked anything up within the last day, who did most of it first."""
    hour, day = (now - timedelta(seconds=spell) for spell in (HOUR, DAY))
    searches = select(RecordSearch.member_id, func.count()).where(RecordSearch.refused.is_(False))
    refused = select(RecordSearch.member_id, func.count()).where(RecordSearch.refused, RecordSearch.at > day)
    looks = select(RecordLook.member_id, func.count()).where(RecordLook.at > day)
    lately, all_day = (_count(session, searches.where(RecordSearch.at > since)) for since in (hour, day))
    too_many = _count(session, refused)
    opened = _count(session, looks.where(RecordLook.what == SHEET))
    unmasked = _count(session, looks.where(RecordLook.what.in_(MASKED)))
    everybody = {*all_day, *too_many, *opened, *unmasked}
    return sorted(
        (
            Numbers(f"member:{one}", *(held.get(one, 0) for held in (lately, all_day, too_many, opened, unmasked)))
            for one in everybody
        ),
        key=lambda numbers: (-numbers.hour, -numbers.day, numbers.member),
    )


def _count(session: Session, question: Select[UUID, int]) -> dict[UUID, int]:
    column = question.selected_columns[0]
    return dict(session.execute(question.group_by(column)).all())
