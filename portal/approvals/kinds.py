"""Kinds: what can be proposed, by whom, for which reasons, and who must agree; each room says so for its own."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from portal.approvals.refusals import NoteUnfit, NotFresh, ReasonUnknown, WrongRole

Payload = Mapping[str, str | int]  # what is proposed: counts, digests and names of ours, nothing personal

FRESH = timedelta(minutes=5)  # a passkey was shown so lately (ASVS 7.5.3)
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Actor:
    """Who acts: a name as the trail writes it, their roles, and when they last showed their passkey."""

    name: str
    roles: frozenset[str]
    stepped_up_at: datetime | None = None

    def check_fresh(self, now: datetime) -> None:
        """Raises NotFresh where no passkey was shown within the last five minutes."""
        if self.stepped_up_at is None or abs(now - self.stepped_up_at) > FRESH:
            raise NotFresh


@dataclass(frozen=True)
class Description:
    """A proposal in words, for who must decide: a title, and facts as label and value."""

    title: str
    facts: tuple[tuple[str, str], ...]


class Admits(Protocol):
    """Whether just this person may decide now about what was proposed then."""

    def __call__(self, session: Session, payload: Payload, *, who: str, since: datetime, now: datetime) -> bool:
        """Asked besides the role."""


def everybody(session: Session, payload: Payload, *, who: str, since: datetime, now: datetime) -> bool:
    """Whoever has the role may decide."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind; `reasons` are codes with their words.

    `apart` keeps who may propose from agreeing at all; `approvers` is how many must agree, one or two; `admits` says
    who of those with the role. What is `keyed` holds something that the key ring made, and a rotation voids it.
    """

    name: str
    proposes: frozenset[str]
    approves: frozenset[str]
    reasons: Mapping[str, str]
    expires: timedelta
    describe: Callable[[Payload], Description]
    apart: bool = True
    approvers: int = 1
    admits: Admits = everybody
    keyed: bool = False

    def role_of_proposer(self, actor: Actor) -> str:
        """The role in which they propose; raises WrongRole."""
        return _first(actor.roles & self.proposes)

    def role_of_approver(self, actor: Actor) -> str:
        """The role in which they decide; raises WrongRole."""
        if self.apart and actor.roles & self.proposes:
            raise WrongRole
        return _first(actor.roles & self.approves)


def check_words(reasons: Container[str], reason: str, note: str) -> None:
    """Raises ReasonUnknown or NoteUnfit (STF-11)."""
    if reason not in reasons:
        raise ReasonUnknown
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise NoteUnfit


def _first(roles: frozenset[str]) -> str:
    if not roles:
        raise WrongRole
    return min(roles)
