"""Many letters: several leave at once, no faster than they may, and whoever waits at a browser comes first."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import event, insert, select

from portal import jobs
from portal.database import Database
from portal.identity import answering
from portal.identity.correspondence import LinkLetter
from portal.mail import outbox
from portal.mail.outbox import Letter
from portal.mail.worker import Sending
from portal.tokens import fresh_id
from tests.mail.conftest import AWAY, NOTHING, SENT, Open, PostOffice
from tests.requirements import requirement
from tests.servers.relay import Relay

CROWD = 4000
LINES = 4
AMARA = "amara@mail.example"
PEOPLE = [AMARA, "bo@mail.example", "emre@mail.example", "dilys@mail.example", "chen@mail.example", "x@mail.example"]


@dataclass
class Meeting(Relay):
    """A relay that answers no letter before all lines have brought one."""

    here: int = 0
    most: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd hands the letter over."""
        self.here += 1
        self.most = max(self.most, self.here)
        for _ in range(100):
            if self.most == LINES:
                break
            await asyncio.sleep(0.01)
        answer = await super().handle_DATA(server, session, envelope)
        self.here -= 1
        return answer


def sending(office: PostOffice) -> Sending:
    found = getattr(office.tasks["send"].step, "__self__", None)
    assert isinstance(found, Sending)
    return found


def crowd(database: Database, now: datetime, **said: object) -> None:
    """Thousands of letters to everybody, half of them due since yesterday and half tomorrow."""
    day = timedelta(days=1)
    usual = {"kind": answering.LINK, "origin": "http://localhost", "locale": "en", "priority": outbox.BULK}
    usual |= {"mailbox": b"", "to_sealed": b"", "content_sealed": b"", "message_id": "<1@localhost>", "state": "QUEUED"}
    usual |= {"created_at": now - day, "takes": 0, "refusals": 0, "possibly_repeated": False, **said}
    rows = [
        {**usual, "id": fresh_id(), "about": fresh_id(), "due_at": now + day * (number % 2 or -1)}
        for number in range(CROWD)
    ]
    with database.write() as session:
        session.execute(insert(Letter), rows)


@requirement("ENG-01")
def test_whoever_waits_at_a_browser_overtakes_thousands(office: PostOffice) -> None:
    crowd(office.database, office.clock())
    office.ask(AMARA)
    with office.database.write() as session:
        known = {"now": office.clock(), "lease": timedelta(seconds=30)}
        (first,) = outbox.take(session, [answering.LINK], most=1, **known)
        rest = outbox.take(session, [answering.LINK], most=10, **known)
    assert first.priority == outbox.INTERACTIVE
    assert [letter.priority for letter in rest] == [outbox.BULK] * 10


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_next_letters_are_found_without_sorting_the_queue(database: Database, clock: Any) -> None:
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, asked: str, values: Any, *_: object) -> None:
        if asked.startswith("WITH chosen"):
            plans.append(str(connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {asked}", values).fetchall()))

    event.listen(database.engine, "before_cursor_execute", explain)
    with database.write() as session:
        outbox.take(session, [answering.LINK], most=9, now=clock(), lease=timedelta(seconds=30))
    (plan,) = plans
    assert "USING INDEX ix_letter_due (priority=? AND due_at<?)" in plan
    assert "TEMP B-TREE" not in plan


@requirement("EML-09")
@requirement("ENG-01")
def test_several_letters_are_on_their_way_at_once(open_office: Open) -> None:
    meeting = Meeting()
    meeting.open()
    office = open_office(smtp_port=meeting.port, smtp_lines=LINES, smtp_timeout=3)
    for address in PEOPLE:
        office.ask(address)
    office.work()
    meeting.close()
    assert meeting.most == LINES
    assert sorted(received.recipients[0] for received in meeting.letters) == sorted(PEOPLE)
    assert {(letter.state, letter.takes, letter.possibly_repeated) for letter in office.letters()} == {
        (outbox.SENT, 1, False)
    }


@requirement("EML-09")
@requirement("ENG-01")
def test_trouble_on_one_line_is_told_of_its_letter_alone(open_office: Open, relay: Relay) -> None:
    office = open_office(smtp_lines=LINES)
    for address in PEOPLE[:LINES]:
        office.ask(address)
    relay.misbehave("RCPT", "550 5.1.1 unknown")
    relay.misbehave("DATA", "421 4.3.2 closing")
    assert office.send() == AWAY
    found = sorted(letter.state for letter in office.letters())
    assert found == [outbox.BOUNCED, outbox.QUEUED, outbox.SENT, outbox.SENT]
    office.clock.move(minutes=1)
    office.work()
    assert sorted(letter.state for letter in office.letters()) == [outbox.BOUNCED, *[outbox.SENT] * 3]
    assert not any(letter.possibly_repeated for letter in office.letters())
    assert len(relay.letters) == LINES - 1


@requirement("EML-09")
@requirement("ENG-01")
def test_a_letter_whose_end_cannot_be_written_down_repeats_no_other(
    open_office: Open, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(smtp_lines=LINES)
    for address in PEOPLE[:3]:
        office.ask(address)
    poison = office.letters()[0].id

    class Poison(LinkLetter):
        def handed_over(self, session: Any, letter: Letter, *, now: datetime) -> None:
            assert letter.id != poison
            super().handed_over(session, letter, now=now)

    kind = Poison(office.app.extensions["incident"])
    monkeypatch.setitem(sending(office).writing.kinds, answering.LINK, kind)
    with pytest.raises(AssertionError):
        office.send()
    states = {letter.id: letter.state for letter in office.letters()}
    assert states.pop(poison) == outbox.SENDING
    assert set(states.values()) == {outbox.SENT}


@requirement("ENG-01")
def test_all_workers_together_keep_the_pace(open_office: Open, relay: Relay) -> None:
    office = open_office(letters_per_second=2)
    held, incident = office.app.extensions["portal"], office.app.extensions["incident"]
    other = {job.name: job for job in jobs.jobs(held, incident, *office.postboxes)}["send"]
    for address in PEOPLE:
        office.ask(address)
    office.send()
    assert len(relay.letters) == 2
    assert (office.send(), other.step(), other.look()) == (NOTHING, False, False)
    office.clock.moment += timedelta(seconds=0.5)
    assert other.look()
    assert (other.step(), office.send()) == (True, NOTHING)
    assert len(relay.letters) == 3
    office.clock.move(minutes=1)
    office.send()
    assert len(relay.letters) == 5


@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("MAIL", "451 4.3.0 later", outbox.QUEUED),
        ("RCPT", "550 5.1.1 unknown", outbox.BOUNCED),
        ("DATA", "554 5.6.0 bad content", outbox.FAILED),
    ],
)
def test_a_relay_that_is_asked_at_once_may_refuse_each_step(
    office: PostOffice, relay: Relay, step: str, answer: str, state: str
) -> None:
    relay.pipelining = True
    relay.misbehave(step, answer)
    office.ask(AMARA)
    office.ask(PEOPLE[1])
    assert office.send() == SENT
    with office.database.read() as session:
        found = session.scalars(select(Letter.state).order_by(Letter.id)).all()
    assert found == [state, outbox.SENT]
    assert [received.recipients for received in relay.letters] == [(PEOPLE[1],)]
