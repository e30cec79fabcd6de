"""Asked to stop, a worker stops within a second, and leaves no letter half sent."""

import json
import os
import signal
import time

import pytest

from portal.database import Database
from portal.mail import outbox
from tests.requirements import requirement
from tests.servers.processes import Install
from tests.servers.waiting import until
from tests.work.conftest import AFTER_TAKING, AT_SENDER, DeadlyRelay, Nursery, Queue, is_there

MANY = 50  # more than go out in the moment of one step
SECONDS = 2  # one, and one more for a machine that has much to do


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_idle_worker_stops_within_a_second(install: Install, database: Database, how: signal.Signals) -> None:
    worker = install().worker()
    until(lambda: "worker:started" in worker.log(), "the worker")
    asked = time.monotonic()
    worker.handle.send_signal(how)
    until(lambda: "worker:stopped" in worker.log(), "the end of the worker's loop")
    assert time.monotonic() - asked < SECONDS
    assert worker.handle.wait(10) == 0
    assert json.loads(worker.log().splitlines()[-1])["event"] == "worker:stopped"


@requirement("EML-09")
@requirement("ENG-01")
@pytest.mark.parametrize("moment", [AT_SENDER, AFTER_TAKING])
def test_a_busy_worker_finishes_the_letter_in_its_hand(
    nursery: Nursery, relay: DeadlyRelay, queue: Queue, moment: str
) -> None:
    queue.fill(MANY)
    worker = nursery.worker()
    asked: list[float] = []

    def ask_to_stop() -> None:
        os.kill(worker, signal.SIGTERM)
        asked.append(time.monotonic())

    relay.strike = ask_to_stop
    relay.moment = moment
    until(lambda: asked and not is_there(worker), "the end of the worker")
    assert time.monotonic() - asked[0] < SECONDS
    letters = queue.letters().values()
    assert outbox.SENDING not in {letter.state for letter in letters}
    sent = [letter for letter in letters if letter.state == outbox.SENT]
    assert len(sent) == len(relay.letters) < MANY
    assert not any(letter.possibly_repeated for letter in letters)
    nursery.worker()
    until(queue.is_done, "the next worker sends the rest")
    assert len(relay.letters) == MANY
