"""The bench of approvals: a made-up kind, people who propose and decide, and what the trail says of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.approvals import deciding, proposals
from portal.approvals.carrying import Void
from portal.approvals.kinds import Actor, Description, Kind, Payload
from portal.approvals.proposals import Proposal
from portal.audit.trail import AuditEvent
from portal.database import Database
from tests.servers.ground import MORNING, StillClock

LETTERS: dict[str, str | int] = {"letters": 400, "slice": "affected"}
KIND = Kind(
    "campaign",
    proposes=frozenset({"operator"}),
    approves=frozenset({"approver"}),
    reasons={"first": "The first letters", "more": "More letters"},
    expires=timedelta(hours=2),
    describe=lambda payload: Description("Write letters", (("Letters", str(payload["letters"])),)),
)


def actor(name: str, *roles: str, fresh: datetime | None = None) -> Actor:
    """Somebody with these roles, who showed a passkey at that moment."""
    return Actor(name, frozenset(roles), fresh)


@dataclass
class Bench:
    """Proposes and decides as doors do, each step in a transaction of its own."""

    database: Database
    clock: StillClock
    proposer: Actor = field(default_factory=lambda: actor("operator:gus", "operator"))

    @property
    def dilys(self) -> Actor:
        """An approver whose passkey was shown just now."""
        return actor("member:dilys", "approver", fresh=self.clock())

    def propose(self, payload: Payload = LETTERS, *, reason: str = "first", note: str = "", kind: Kind = KIND) -> int:
        """The number of a new proposal."""
        with self.database.write() as session:
            return proposals.propose(
                session, kind, payload, actor=self.proposer, reason=reason, note=note, now=self.clock()
            ).id

    def approve(self, number: int, who: Actor | None = None, **said: Any) -> Proposal:
        """Somebody, or dilys, agrees to what is there."""
        said = {"reason": "contents-checked", "seen": self.get(number).digest, "kind": KIND, **said}
        with self.database.write() as session:
            return deciding.approve(session, number=number, actor=who or self.dilys, now=self.clock(), **said)

    def refuse(self, number: int, who: Actor | None = None, reason: str = "not-right") -> Proposal:
        """Somebody, or dilys, says no."""
        with self.database.write() as session:
            return deciding.refuse(session, KIND, number, actor=who or self.dilys, reason=reason, now=self.clock())

    def withdraw(self, number: int, who: Actor | None = None, reason: str = "mistake") -> Proposal:
        """Somebody, or who proposed it, takes it back."""
        with self.database.write() as session:
            return deciding.withdraw(session, number, actor=who or self.proposer, reason=reason, now=self.clock())

    def expire(self) -> int:
        """What the worker does with those whose time is over."""
        with self.database.write() as session:
            return proposals.expire(session, now=self.clock())

    def get(self, number: int) -> Proposal:
        """The proposal as it is now."""
        with self.database.read() as session:
            found = proposals.get(session, number)
        assert found is not None
        return found

    def state(self, number: int) -> str:
        """How it stands."""
        return self.get(number).state

    def events(self) -> list[AuditEvent]:
        """What the trail says, oldest first."""
        with self.database.read() as session:
            return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))

    def told(self) -> list[str]:
        """The kinds of the trail's events, oldest first."""
        return [event.kind for event in self.events()]


@dataclass
class Post:
    """A made-up act: counts what it did, and how much there is to do."""

    there: Payload | None = field(default_factory=lambda: dict(LETTERS))
    done: list[int] = field(default_factory=list)
    lost: bool = False

    def found(self, payload: Payload) -> Payload | None:
        """What would be done now."""
        return self.there

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Do it, unless it is lost at the last moment."""
        if self.lost:
            raise Void
        self.done.append(proposal.id)


__all__ = ["KIND", "LETTERS", "MORNING", "Bench", "Post", "actor"]
