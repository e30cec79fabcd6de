"""A worker of its own that carries out: `URL KEYS`; halfway it says so, and waits for a line before it commits."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from portal.approvals.carrying import Carrying
from portal.approvals.proposals import Proposal
from portal.database import Database
from portal.members.recovery import KIND, Recovering
from portal.sealing import KeyRing
from tests.members.bench import ORIGIN


class Halting(Recovering):
    """The real act, which stops when all of it is written and nothing committed."""

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Do it, and wait."""
        super().carry_out(session, proposal, now=now)
        session.flush()
        say("halfway")
        sys.stdin.readline()


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main(url: str, keys: str) -> None:
    """Take a step, and say what came of it."""
    database = Database(url)
    acts = {KIND: Halting(database, KeyRing.read(Path(keys)), ORIGIN)}
    say(str(Carrying(database, lambda: datetime.now(UTC), acts).step()))


if __name__ == "__main__":
    main(*sys.argv[1:])
