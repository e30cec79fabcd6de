"""Looks: who of the staff looked at a record or a case, and why; told to the customer by role, not by name."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Look:
    """One look, in words: in which role, for which reason, and at what."""

    at: datetime
    role: str
    reason: str
    what: str


# The looks at these accounts or cases, the newest first; whoever records them, above this room, says them.
Looks = Callable[[Session, Collection[UUID]], list[Look]]
