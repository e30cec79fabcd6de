"""Retention: what a rule says is over its time, and how it is forgotten (OPS-06)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, literal, select
from sqlalchemy.orm import Session

from portal.database import Base, changed

Found = Callable[[datetime], Select[Any]]


@dataclass(frozen=True)
class Rule:
    """What is forgotten, in words; `over` finds all that is over its time, `step` forgets the next of it.

    `look` finds what a step would forget, where to look for everything would take long.
    """

    what: str
    over: Found
    step: Callable[[Session, datetime], int]
    look: Found | None = None

    def is_any_over(self, session: Session, now: datetime) -> bool:
        """Whether a step would find anything."""
        return session.scalar((self.look or self.over)(now).limit(1)) is not None

    def left(self, session: Session, now: datetime) -> int:
        """How much is over its time and still there."""
        return session.scalar(select(func.count()).select_from(self.over(now).subquery())) or 0


def rows(what: str, table: type[Base], is_over: Callable[[datetime], ColumnElement[bool]]) -> Rule:
    """The rule for rows that go as soon as they are over."""

    def over(now: datetime) -> Select[Any]:
        return select(literal(1).label("one")).select_from(table).where(is_over(now))

    def step(session: Session, now: datetime) -> int:
        return changed(session, delete(table).where(is_over(now)))

    return Rule(what, over, step)
