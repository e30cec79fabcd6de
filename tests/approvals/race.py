"""A decision in a process of its own: `URL NUMBER DIGEST WHO WORD`; waits for a line, decides, says how it ended."""

import sys
from datetime import UTC, datetime

from portal.approvals import deciding
from portal.approvals.refusals import NotTaken
from portal.database import Database
from tests.approvals.bench import KIND, actor


def main(url: str, number: str, seen: str, who: str, word: str) -> None:
    """Connect, say `ready`, wait for a line, decide, and say how it ended."""
    database, now = Database(url), datetime.now(UTC)
    with database.read() as session:
        session.connection()
    say("ready")
    sys.stdin.readline()
    deciding_person = actor(who, "approver", fresh=now)
    try:
        with database.write() as session:
            if word == "approve":
                deciding.approve(
                    session, KIND, int(number), seen=seen, actor=deciding_person, reason="contents-checked", now=now
                )
            else:
                deciding.refuse(session, KIND, int(number), actor=deciding_person, reason="not-now", now=now)
    except NotTaken as refusal:
        say(type(refusal).__name__)
    else:
        say(word)


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
