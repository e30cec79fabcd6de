"""A worker killed at any moment loses no letter, and repeats at most the one that it had in hand."""

import random
import time
from itertools import cycle

import pytest

from portal.audit import chain
from portal.database import Database
from portal.mail import outbox
from portal.sealing import KeyRing
from tests.letters import Letter
from tests.requirements import requirement
from tests.rounds import rounds
from tests.servers.waiting import until
from tests.work.conftest import (
    AFTER_TAKING,
    AT_RECIPIENT,
    AT_SENDER,
    BEFORE_TAKING,
    DeadlyRelay,
    Nursery,
    Queue,
    by_name,
    is_there,
)

KILLS = rounds(6)
LINES = 4
CUSTOMERS = KILLS + 60
ANY = "any moment"
MOMENTS = (AFTER_TAKING, ANY, AT_SENDER, BEFORE_TAKING, AT_RECIPIENT, ANY)
LEASE = 2 * 10 + 1  # seconds, and one more


def live_and_die(nursery: Nursery, relay: DeadlyRelay, moment: str, ahead: float) -> None:
    worker = nursery.worker(ahead)
    if moment == ANY:
        time.sleep(random.uniform(0.005, 0.08))
    else:
        relay.strike = lambda: nursery.end(worker)
        relay.moment = moment
        until(lambda: not relay.moment, "the worker comes to that moment")
        until(lambda: not is_there(worker), "the end of the worker")
    if worker in nursery.alive:
        nursery.end(worker)


@requirement("ENG-03")
@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.timeout(120)
def test_many_kills_lose_no_letter_and_repeat_at_most_one_each(
    nursery: Nursery, relay: DeadlyRelay, queue: Queue, database: Database, audit_keys: KeyRing
) -> None:
    queue.fill(CUSTOMERS)
    for kill, moment in zip(range(KILLS), cycle(MOMENTS), strict=False):
        before = len(by_name(relay.letters))
        repeated = len(relay.letters) - before
        live_and_die(nursery, relay, moment, kill * LEASE)
        assert len(relay.letters) - len(by_name(relay.letters)) - repeated <= 1
    nursery.worker(KILLS * LEASE)
    until(queue.is_done, "the last worker sends what is left", seconds=40)
    letters, taken = queue.letters(), by_name(relay.letters)
    assert set(taken) == set(letters)
    assert len(letters) == CUSTOMERS
    assert {letter.state for letter in letters.values()} == {outbox.SENT}
    twice = {name for name, copies in taken.items() if len(copies) > 1}
    assert KILLS / len(MOMENTS) / 2 < len(relay.letters) - CUSTOMERS <= KILLS
    assert {letters[name].possibly_repeated for name in twice} == {True}
    assert not any(letter.content_sealed for letter in letters.values())
    with database.read() as session:
        assert list(chain.faults(session, audit_keys)) == []


@requirement("EML-09")
@requirement("LNK-03")
@requirement("ENG-01")
def test_a_letter_cut_off_after_the_relay_took_it_comes_again_with_the_same_secrets(
    nursery: Nursery, relay: DeadlyRelay, queue: Queue
) -> None:
    queue.fill(1)
    live_and_die(nursery, relay, AFTER_TAKING, 0)
    (letter,) = queue.letters().values()
    assert (letter.state, letter.possibly_repeated) == (outbox.SENDING, False)
    nursery.worker(LEASE)
    until(queue.is_done, "the next worker")
    (letter,) = queue.letters().values()
    assert (letter.state, letter.possibly_repeated) == (outbox.SENT, True)
    first, second = (Letter.parse(received.content) for received in relay.letters)
    assert first.message["Message-ID"] == second.message["Message-ID"] == letter.message_id
    assert (first.link, first.code, first.stop_link) == (second.link, second.code, second.stop_link)
    assert (first.plain, first.html) == (second.plain, second.html)


@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.parametrize("nursery", [LINES], indirect=True)
def test_a_worker_with_several_lines_repeats_at_most_a_letter_on_each(
    nursery: Nursery, relay: DeadlyRelay, queue: Queue
) -> None:
    queue.fill(4 * LINES)
    live_and_die(nursery, relay, AFTER_TAKING, 0)
    nursery.worker(LEASE)
    until(queue.is_done, "the next worker")
    letters, taken = queue.letters(), by_name(relay.letters)
    assert set(taken) == set(letters)
    assert {letter.state for letter in letters.values()} == {outbox.SENT}
    twice = {name for name, copies in taken.items() if len(copies) > 1}
    assert 1 <= len(relay.letters) - len(letters) <= LINES
    assert {letters[name].possibly_repeated for name in twice} == {True}
