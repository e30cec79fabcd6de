"""The queue: the staff's cases by deadline, a page at a time, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, union_all
from sqlalchemy.orm import Session, load_only

from portal.cases.case import ANSWERED, CLOSED, NEW, OPEN, WAITING, Case

PAGE = 25
# What stands on the desk: what is ours to do, what the customer has, and what is over.
OURS, THEIRS, OVER = "ours", "theirs", "over"
TURNS = {OURS: (NEW, OPEN), THEIRS: (WAITING, ANSWERED), OVER: (CLOSED,)}
MINE, FREE, LATE = "mine", "free", "late"
ONLY = (MINE, FREE, LATE)
# Nothing sealed is read for a list.
LISTED = (Case.id, Case.number, Case.reason, Case.state, Case.brand, Case.locale, Case.opened_at, Case.due_at)
HELD = (Case.claimed_by, Case.claimed_until, Case.version)


@dataclass(frozen=True)
class Place:
    """Where a page ended: the deadline and the case."""

    due_at: datetime
    case: UUID

    def __str__(self) -> str:
        return f"{int(self.due_at.timestamp() * 1_000_000)}.{self.case.hex}"


@dataclass(frozen=True)
class Filter:
    """What is looked for; nothing named is everything, but `brands` are all that the member may see."""

    turn: str = OURS
    reason: str = ""
    locale: str = ""
    only: str = ""
    brands: tuple[str, ...] = ()


def read_place(text: str) -> Place | None:
    """The place that a page named, or None."""
    moment, _, case = text.partition(".")
    try:
        return Place(datetime.fromtimestamp(int(moment) / 1_000_000, UTC), UUID(case))
    except (ValueError, OverflowError, OSError):
        return None


def page_of(
    session: Session, wanted: Filter, *, me: str, after: Place | None = None, now: datetime
) -> tuple[list[Case], Place | None]:
    """The next cases by deadline, and where they end if there are more."""
    # Each state and brand is one walk along an index that stops after a page; they are then laid together.
    fits = [*conditions(wanted, me=me, now=now), *_beyond(after)]
    order = (Case.due_at, Case.id)
    walks = [
        select(select(Case.id).where(and_(*branch), *fits).order_by(*order).limit(PAGE + 1).subquery())
        for branch in _branches(wanted)
    ]
    mine = select(Case).where(Case.id.in_(union_all(*walks))).order_by(*order).limit(PAGE + 1)
    found = list(session.scalars(mine.options(load_only(*LISTED, *HELD))))
    more = len(found) > PAGE
    shown = found[:PAGE]
    return shown, Place(shown[-1].due_at, shown[-1].id) if more else None


def conditions(wanted: Filter, *, me: str, now: datetime) -> Sequence[ColumnElement[bool]]:
    """What a case must fulfil besides its state and brand."""
    free = or_(Case.claimed_by.is_(None), Case.claimed_until <= now)
    only = {MINE: and_(Case.claimed_by == me, Case.claimed_until > now), FREE: free, LATE: Case.due_at < now}
    exact = {Case.reason: wanted.reason, Case.locale: wanted.locale}
    chosen = [column == value for column, value in exact.items() if value]
    return [*chosen, only[wanted.only]] if wanted.only in only else chosen


def everything(wanted: Filter, *, me: str, now: datetime) -> ColumnElement[bool]:
    """The whole filter as one condition."""
    return and_(or_(*(and_(*branch) for branch in _branches(wanted))), *conditions(wanted, me=me, now=now))


def _branches(wanted: Filter) -> list[list[ColumnElement[bool]]]:
    states = [Case.state == state for state in TURNS.get(wanted.turn, TURNS[OURS])]
    brands = [Case.brand == brand for brand in wanted.brands]
    return [list(pair) for pair in product(states, brands)] if brands else [[state] for state in states]


def _beyond(place: Place | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [Case.due_at >= place.due_at, or_(Case.due_at > place.due_at, Case.id > place.case)]
