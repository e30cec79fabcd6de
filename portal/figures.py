"""Figures: what a room counts of itself for those who watch; sums only, nothing that tells one person from another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Figure:
    """One figure as it stands now; with `by` it has a value for each of a few fixed words, such as states."""

    name: str
    says: str
    value: float = 0
    by: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


# What a room supplies: its figures at this moment.
Count = Callable[[Session, datetime], Iterator[Figure]]


def seconds_since(then: datetime | None, now: datetime) -> float:
    """How long ago that was, or 0 where there is no such moment."""
    return max(0.0, (now - then).total_seconds()) if then else 0.0
