"""Suppressions: a mailbox is left alone for a day, whoever says so and however often."""

import threading
from datetime import timedelta

from portal.database import Database
from portal.mail import suppressions
from portal.mail.suppressions import BOUNCED, LIFETIME, UNWANTED, Suppression
from tests.requirements import requirement
from tests.servers.ground import StillClock

MAILBOX, ANOTHER = b"m" * 32, b"a" * 32
pytestmark = requirement("ENG-01")


def reason(database: Database, clock: StillClock, *mailboxes: bytes) -> str | None:
    with database.read() as session:
        return suppressions.reason_against(session, mailboxes or [MAILBOX], now=clock())


def suppress(database: Database, clock: StillClock, why: str = BOUNCED) -> None:
    with database.write() as session:
        suppressions.suppress(session, MAILBOX, why, now=clock())


@requirement("EML-09")
def test_a_mailbox_is_left_alone_for_24_hours(database: Database, clock: StillClock) -> None:
    suppress(database, clock)
    clock.moment += LIFETIME - timedelta(seconds=1)
    assert reason(database, clock) == BOUNCED
    clock.move(seconds=1)
    assert reason(database, clock) is None


def test_no_other_mailbox_is_meant(database: Database, clock: StillClock) -> None:
    suppress(database, clock)
    assert reason(database, clock, ANOTHER) is None
    assert reason(database, clock, ANOTHER, MAILBOX) == BOUNCED


def test_a_second_time_begins_the_day_anew(database: Database, clock: StillClock) -> None:
    suppress(database, clock)
    clock.move(hours=12)
    suppress(database, clock)
    clock.move(hours=23)
    assert reason(database, clock) == BOUNCED


@requirement("LNK-19")
def test_lifting_one_reason_leaves_the_other(database: Database, clock: StillClock) -> None:
    suppress(database, clock, BOUNCED)
    suppress(database, clock, UNWANTED)
    with database.write() as session:
        suppressions.lift(session, MAILBOX, UNWANTED)
    assert reason(database, clock) == BOUNCED
    with database.write() as session:
        suppressions.lift(session, MAILBOX, BOUNCED)
    assert reason(database, clock) is None


def test_many_may_say_so_at_once(database: Database, clock: StillClock) -> None:
    faults: list[Exception] = []
    start = threading.Barrier(8)

    def say() -> None:
        start.wait()
        try:
            suppress(database, clock)
        except Exception as fault:
            faults.append(fault)

    speakers = [threading.Thread(target=say) for _ in range(8)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
    assert faults == []
    with database.read() as session:
        assert session.query(Suppression).count() == 1
