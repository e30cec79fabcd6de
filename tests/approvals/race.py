"""A decision in a process of its own: says that it is ready, waits for a word, decides, says how it ended."""

from datetime import UTC, datetime
from multiprocessing.connection import Connection

from portal.approvals import deciding
from portal.approvals.refusals import NotTaken
from portal.database import Database
from tests.approvals.bench import KIND, actor


def decide(line: Connection, url: str, number: int, seen: str, who: str, word: str) -> None:
    """Connect, say so, wait, decide, and say how it ended."""
    database, now = Database(url), datetime.now(UTC)
    with database.read() as session:
        session.connection()
    line.send("ready")
    line.recv()
    deciding_person = actor(who, "approver", fresh=now)
    try:
        with database.write() as session:
            if word == "approve":
                deciding.approve(
                    session, KIND, number, seen=seen, actor=deciding_person, reason="contents-checked", now=now
                )
            else:
                deciding.refuse(session, KIND, number, actor=deciding_person, reason="not-now", now=now)
    except NotTaken as refusal:
        line.send(type(refusal).__name__)
    else:
        line.send(word)
