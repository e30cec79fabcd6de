"""Carrying out: the worker does what two people agreed on, if it is still exactly that, and once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.approvals.kinds import Payload
from portal.approvals.proposals import APPROVED, DONE, VOID, Proposal, digest_of, note_down
from portal.audit import trail
from portal.audit.events import Event
from portal.clock import Clock
from portal.database import Database, changed, is_outage

SHORTEST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)


class Void(Exception):
    """What was agreed on is not there any more; nothing of it may be done."""


class Act(Protocol):
    """What a room does once two people agree."""

    def found(self, payload: Payload) -> Payload | None:
        """The same payload put together afresh from what would be done now, which may take long; None if gone."""

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Do it, within the transaction that calls it done; raises Void."""


@dataclass
class Carrying:
    """One worker's carrying out; each proposal in a transaction of its own."""

    database: Database
    clock: Clock
    acts: Mapping[str, Act]
    resting: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)  # until when, and for how long

    def step(self) -> bool:
        """Carry out the oldest approved proposal, or call it void; False where there is none.

        One that fails rests for a minute, then for longer and longer, so that it holds up no other.
        """
        now = self.clock()
        with self.database.read() as session:
            agreed = select(Proposal).where(Proposal.state == APPROVED, Proposal.kind.in_(self.acts))
            tired = [number for number, (until, _) in self.resting.items() if until > now]
            oldest = agreed.where(Proposal.id.not_in(tired)).order_by(Proposal.decided_at, Proposal.id)
            proposal = session.scalar(oldest.limit(1))
        if proposal is None:
            return False
        try:
            self._carry(proposal)
        except Exception as error:
            if not is_outage(error):
                self._rest(proposal.id, now)
            raise
        self.resting.pop(proposal.id, None)
        return True

    def _carry(self, proposal: Proposal) -> None:
        act = self.acts[proposal.kind]
        found = act.found(proposal.payload)
        try:
            if found is None or digest_of(proposal.kind, found) != proposal.digest:
                raise Void
            self._do(act, proposal.id)
        except Void:
            with self.database.write() as session:
                _end(session, proposal.id, VOID, Event.PROPOSAL_VOID, self.clock())

    def _rest(self, number: int, now: datetime) -> None:
        _, before = self.resting.get(number, (now, SHORTEST_REST / 2))
        spell = min(2 * before, LONGEST_REST)
        self.resting[number] = now + spell, spell

    def _do(self, act: Act, number: int) -> None:
        now = self.clock()
        with self.database.write() as session:
            if proposal := _end(session, number, DONE, Event.PROPOSAL_DONE, now):
                act.carry_out(session, proposal, now=now)


def _end(session: Session, number: int, state: str, event: Event, now: datetime) -> Proposal | None:
    """The proposal, if no other worker was faster and nobody called it void."""
    agreed = update(Proposal).where(Proposal.id == number, Proposal.state == APPROVED)
    if not changed(session, agreed.values(state=state, carried_out_at=now)):
        return None
    proposal = session.get_one(Proposal, number)
    note_down(session, event, proposal, now=now, actor=trail.WORKER)
    return proposal
