"""Whatever the relay does, the letter is left in the right state, and the log names nobody."""

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from portal.identity import links
from portal.mail import outbox
from portal.mail.suppressions import Suppression
from tests.mail.conftest import AWAY, SENT, PostOffice
from tests.requirements import requirement
from tests.servers.relay import DROP, HANG, KEEP_AND_DROP, Relay

AMARA = "amara@mail.example"


@dataclass(frozen=True)
class Luck:
    """What the relay does at a step, and what must become of the letter."""

    step: str
    answer: str
    state: str = outbox.QUEUED
    counted: bool = False
    doubtful: bool = False
    suppressed: bool = False
    outcome: str = SENT


def later(step: str, answer: str) -> Luck:
    return Luck(step, answer, counted=True)


def away(step: str, answer: str) -> Luck:
    return Luck(step, answer, outcome=AWAY)


def doubtful(answer: str) -> Luck:
    return Luck("DATA", answer, counted=True, doubtful=True, outcome=AWAY)


def lost(step: str, answer: str) -> Luck:
    return Luck(step, answer, outbox.FAILED)


def bounced(answer: str) -> Luck:
    return Luck("RCPT", answer, outbox.BOUNCED, suppressed=True)


NOT_YET = [
    later("MAIL", "451 4.3.0 amara@mail.example: try later"),
    later("RCPT", "450 4.2.0 amara@mail.example is greylisted"),
    later("DATA", "452 4.3.1 no room for amara@mail.example"),
    away("MAIL", "421 4.3.2 closing"),
    away("MAIL", "530 5.7.0 log in first"),
    away("MAIL", DROP),
    away("MAIL", HANG),
    away("RCPT", DROP),
    away("RCPT", HANG),
    doubtful(DROP),
    doubtful(KEEP_AND_DROP),
    doubtful(HANG),
]
NEVER = [
    lost("MAIL", "550 5.7.1 you may not send"),
    lost("RCPT", "550 5.7.1 amara@mail.example: relaying denied"),
    lost("RCPT", "552 5.2.2 mailbox full"),
    lost("DATA", "554 5.6.0 bad content for amara@mail.example"),
    bounced("550 5.1.1 amara@mail.example unknown"),
    bounced("550 no such user amara@mail.example"),
    bounced("553 5.1.3 bad mailbox"),
    bounced("550 5.2.1 mailbox closed"),
]


def name(luck: Luck) -> str:
    return f"{luck.step} {luck.answer[:9]}"


def suppressed(office: PostOffice) -> bool:
    with office.database.read() as session:
        return bool(session.scalars(select(Suppression)).all())


@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.parametrize("luck", NOT_YET, ids=name)
def test_a_relay_that_cannot_take_it_now_gets_it_later(office: PostOffice, relay: Relay, luck: Luck) -> None:
    relay.misbehave(luck.step, luck.answer)
    office.ask(AMARA)
    assert office.send() == luck.outcome
    letter = office.letter()
    assert (letter.state, letter.refusals, letter.possibly_repeated) == (outbox.QUEUED, luck.counted, luck.doubtful)
    assert letter.content_sealed is not None
    assert (letter.due_at > office.clock()) == luck.counted
    office.clock.move(minutes=1)
    assert office.send() == SENT
    assert (office.letter().state, office.letter().possibly_repeated) == (outbox.SENT, luck.doubtful)
    assert len(relay.letters) == (2 if luck.answer == KEEP_AND_DROP else 1)


@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.parametrize("luck", NEVER, ids=name)
def test_a_relay_that_will_never_take_it_ends_it(office: PostOffice, relay: Relay, luck: Luck) -> None:
    relay.misbehave(luck.step, luck.answer)
    office.ask(AMARA)
    assert office.send() == SENT
    letter = office.letter()
    assert (letter.state, letter.content_sealed, letter.sent_at) == (luck.state, None, None)
    assert suppressed(office) == luck.suppressed
    assert (office.request().state, office.request().reason) == (links.DROPPED, "undeliverable")
    office.clock.move(hours=2)
    office.work()
    assert relay.letters == []


@requirement("OPS-01")
@pytest.mark.parametrize("luck", [*NOT_YET, *NEVER], ids=name)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_log_tells_what_the_relay_said_but_not_to_whom(
    office: PostOffice, relay: Relay, luck: Luck, capfd: pytest.CaptureFixture[str]
) -> None:
    relay.misbehave(luck.step, luck.answer)
    office.ask(AMARA)
    office.send()
    said = capfd.readouterr().err
    told = [json.loads(line) for line in said.splitlines()]
    assert [line for line in told if line["event"].startswith("letter:") and line["letter"] == str(office.letter().id)]
    assert "amara" not in said
    assert "amara" not in (office.letter().answer or "")


@requirement("EML-09")
@requirement("ENG-01")
def test_a_letter_that_came_twice_is_the_same_letter(office: PostOffice, relay: Relay) -> None:
    relay.misbehave("DATA", KEEP_AND_DROP)
    office.ask(AMARA)
    office.send()
    office.clock.move(minutes=1)
    office.send()
    first, second = (received.message for received in relay.letters)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert [first.get_body((kind,)).get_content() for kind in ("plain", "html")] == [  # type: ignore[union-attr]
        second.get_body((kind,)).get_content()  # type: ignore[union-attr]
        for kind in ("plain", "html")
    ]
