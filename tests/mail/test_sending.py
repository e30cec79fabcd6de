"""Sending is written down before and after, tried a few times, and counts no outage of the relay against a letter."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import delete, select, update

from portal.audit.events import Event
from portal.audit.trail import AuditEvent
from portal.identity import answering, links
from portal.mail import outbox, suppressions
from portal.mail.outbox import Letter
from tests import cast
from tests.mail.conftest import AWAY, NOTHING, SENT, Open, PostOffice
from tests.requirements import requirement
from tests.servers.relay import Relay

AMARA, BO = "amara@mail.example", "bo@mail.example"
OUTAGE = 60
TRIES = 5


@dataclass
class WatchingRelay(Relay):
    """A relay that looks into the database the moment it has a letter, before it says so."""

    office: PostOffice | None = None
    seen: tuple[str, int] | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd hands the letter over."""
        assert self.office is not None
        self.seen = self.office.letter().state, self.office.letter().takes
        return await super().handle_DATA(server, session, envelope)


@requirement("EML-09")
@requirement("ENG-01")
def test_sending_is_written_down_before_the_relay_has_the_letter_and_sent_after(open_office: Open) -> None:
    watching = WatchingRelay()
    watching.open()
    office = watching.office = open_office(smtp_port=watching.port)
    office.ask(AMARA)
    assert office.letter().state == outbox.QUEUED
    office.send()
    watching.close()
    assert watching.seen == (outbox.SENDING, 1)
    letter = office.letter()
    assert (letter.state, letter.sent_at, letter.content_sealed) == (outbox.SENT, office.clock(), None)
    assert letter.answer == "250 2.0.0"


@requirement("EML-09")
@requirement("ENG-01")
def test_a_letter_is_tried_five_times_with_growing_waits(office: PostOffice, relay: Relay) -> None:
    relay.misbehave("RCPT", "450 4.2.0 later", times=TRIES + 1)
    office.ask(AMARA)
    waits = []
    while office.send() == SENT and office.letter().state == outbox.QUEUED:
        waits.append(office.letter().due_at - office.clock())
        assert office.send() == NOTHING
        office.clock.moment = office.letter().due_at
    assert len(relay.script["RCPT"]) == 1
    assert waits == sorted(waits)
    assert len(set(waits)) == TRIES - 1
    assert waits[-1] > 4 * waits[0] > timedelta(minutes=1)
    assert (office.letter().state, office.request().state) == (outbox.FAILED, links.DROPPED)


@requirement("EML-09")
@requirement("ENG-01")
def test_an_outage_of_the_relay_counts_against_no_letter(office: PostOffice, relay: Relay) -> None:
    relay.close()
    office.ask(AMARA)
    office.ask(BO)
    for _ in range(OUTAGE):
        assert office.send() == AWAY
        office.clock.move(minutes=2)
    assert {(letter.state, letter.refusals, letter.takes) for letter in office.letters()} == {(outbox.QUEUED, 0, 0)}
    relay.open()
    office.work()
    assert sorted(letter.recipients[0] for letter in relay.letters) == [AMARA, BO]
    assert {(letter.state, letter.possibly_repeated) for letter in office.letters()} == {(outbox.SENT, False)}


@requirement("EML-09")
@requirement("ENG-01")
def test_a_mailbox_that_does_not_exist_is_left_alone_for_a_day(office: PostOffice, relay: Relay) -> None:
    relay.misbehave("RCPT", "550 5.1.1 unknown")
    office.ask(AMARA)
    office.send()
    office.clock.move(hours=23, minutes=59)
    office.ask(AMARA)
    assert office.send() == NOTHING
    office.clock.move(minutes=2)
    office.ask(AMARA)
    office.work()
    assert [received.recipients for received in relay.letters] == [(AMARA,)]


@requirement("EML-09")
@requirement("ENG-01")
def test_a_letter_that_its_worker_left_is_taken_up_after_the_lease_and_says_so(
    office: PostOffice, relay: Relay
) -> None:
    office.ask(AMARA)
    lease = timedelta(seconds=30)
    with office.database.write() as session:
        taken = outbox.take(session, [answering.LINK], most=1, now=office.clock(), lease=lease)
    assert len(taken) == 1
    office.clock.moment += lease - timedelta(seconds=1)
    assert office.send() == NOTHING
    office.clock.move(seconds=1)
    assert office.send() == SENT
    assert (office.letter().state, office.letter().possibly_repeated) == (outbox.SENT, True)
    assert len(relay.letters) == 1
    with office.database.read() as session:
        sent = session.scalars(select(AuditEvent).where(AuditEvent.kind == Event.LINK_SENT)).one()
    assert sent.details == {"repeated": True}


@requirement("EML-09")
@requirement("ENG-01")
def test_a_worker_that_comes_back_late_changes_nothing(office: PostOffice) -> None:
    office.ask(AMARA)
    with office.database.write() as session:
        (late,) = outbox.take(session, [answering.LINK], most=1, now=office.clock(), lease=timedelta(seconds=30))
    office.clock.move(seconds=31)
    office.send()
    with office.database.write() as session:
        assert not outbox.close(session, [late], outbox.FAILED, "too late", now=office.clock())
        assert not outbox.postpone(session, late, "too late", until=office.clock(), refused=True, doubtful=True)
    assert office.letter().state == outbox.SENT


@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.parametrize("spoiled", ["content_sealed", "to_sealed", "locale"])
def test_a_letter_that_cannot_be_written_stops_no_other(office: PostOffice, relay: Relay, spoiled: str) -> None:
    office.ask(AMARA)
    poison = office.letter()
    with office.database.write() as session:
        value = "no locale" if spoiled == "locale" else b"not sealed by us"
        session.execute(update(Letter).values({spoiled: value}))
    office.ask(BO)
    for _ in range(20):
        office.work()
        office.clock.move(minutes=15)
    assert [received.recipients for received in relay.letters] == [(BO,)]
    states = {letter.id: (letter.state, letter.possibly_repeated) for letter in office.letters()}
    assert states.pop(poison.id) == (outbox.FAILED, False)
    assert list(states.values()) == [(outbox.SENT, False)]


@requirement("ENG-01")
def test_a_letter_of_a_kind_that_this_worker_does_not_know_waits_for_another(office: PostOffice, relay: Relay) -> None:
    office.ask(AMARA)
    with office.database.write() as session:
        session.execute(update(Letter).values(kind="of tomorrow"))
    office.ask(BO)
    office.work()
    assert [received.recipients for received in relay.letters] == [(BO,)]
    assert [letter.state for letter in office.letters()] == [outbox.QUEUED, outbox.SENT]


@requirement("ENG-01")
def test_a_letter_whose_request_is_gone_is_dropped(office: PostOffice, relay: Relay) -> None:
    office.ask(AMARA)
    with office.database.write() as session:
        session.execute(delete(links.LinkRequest))
    office.work()
    assert (office.letter().state, relay.letters) == (outbox.DROPPED, [])


@requirement("EML-09")
@requirement("ENG-01")
def test_a_letter_that_kills_its_workers_is_given_up_in_the_end(office: PostOffice) -> None:
    office.ask(AMARA)
    for _ in range(50):
        with office.database.write() as session:
            assert outbox.take(session, [answering.LINK], most=1, now=office.clock(), lease=timedelta(seconds=30))
        office.clock.move(seconds=31)
    office.send()
    assert (office.letter().state, office.letter().answer) == (outbox.DROPPED, "interrupted too often")


@requirement("LNK-19")
@requirement("ENG-01")
def test_a_letter_that_waits_is_not_sent_once_its_owner_said_stop(open_office: Open, relay: Relay) -> None:
    office = open_office(cast.AMARA)
    office.ask(AMARA)
    with office.database.write() as session:
        suppressions.suppress(session, office.letter().mailbox, suppressions.UNWANTED, now=office.clock())
    office.work()
    assert (office.letter().state, office.letter().answer) == (outbox.DROPPED, "unwanted")
    assert relay.letters == []
