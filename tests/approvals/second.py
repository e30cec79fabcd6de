"""The second person of a whole portal: commands that propose, and dilys who looks and decides."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from click.testing import Result
from flask import Flask

from portal.approvals import deciding, door, proposals
from portal.approvals.kinds import Actor
from portal.approvals.proposals import Proposal
from portal.extensions import Ground

NUMBER = re.compile(r"proposal (\d+)")


@dataclass
class Second:
    """A portal that has members, its command line, and an approver."""

    portal: Flask
    work: Callable[[], None]

    def __post_init__(self) -> None:
        """Now nobody acts alone."""
        self.portal.extensions["needs_second_person"] = lambda _: True

    @property
    def ground(self) -> Ground:
        """What the portal stands on."""
        ground: Ground = self.portal.extensions["portal"]
        return ground

    def say(self, *words: object) -> Result:
        """Say a command."""
        return self.portal.test_cli_runner().invoke(args=[str(word) for word in words])

    def proposed(self, *words: object) -> Proposal:
        """Say a command that proposes; the proposal, whose number and digest it told."""
        told = self.say(*words)
        assert told.exit_code == 0, told.output
        found = NUMBER.search(told.output)
        assert found, told.output
        proposal = self.get(int(found[1]))
        assert proposal.digest in told.output
        return proposal

    def get(self, number: int) -> Proposal:
        """The proposal as it is now."""
        with self.ground.database.read() as session:
            found = proposals.get(session, number)
        assert found is not None
        return found

    def approve(self, proposal: Proposal) -> None:
        """Dilys looks, agrees, and the worker comes by."""
        self.agree(proposal)
        self.work()

    def agree(self, proposal: Proposal) -> None:
        """Dilys looks and agrees."""
        now = self.ground.clock()
        dilys = Actor("member:dilys", frozenset({"approver"}), now)
        with self.portal.app_context(), self.ground.database.write() as session:
            kind = door.kinds()[proposal.kind]
            deciding.approve(
                session, kind, proposal.id, seen=proposal.digest, actor=dilys, reason="contents-checked", now=now
            )

    def refuse(self, proposal: Proposal) -> None:
        """Dilys says no."""
        dilys = Actor("member:dilys", frozenset({"approver"}))
        with self.portal.app_context(), self.ground.database.write() as session:
            kind = door.kinds()[proposal.kind]
            deciding.refuse(session, kind, proposal.id, actor=dilys, reason="not-explained", now=self.ground.clock())
