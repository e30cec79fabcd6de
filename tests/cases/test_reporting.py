"""The company's own help desk hears of each step of a case: signed, in order, at least once, and nobody's words."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from flask import Flask

from portal.cases import notices
from portal.cases.helpdesk import Hook, NotHeard
from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import SENTENCE, answer_it, cases_in, receipt, write, write_own
from tests.cases.listener import Listener, listening
from tests.cast import BO
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def helpdesk() -> Iterator[Listener]:
    """The help desk."""
    with listening() as listener:
        yield listener


@pytest.fixture
def portal(make_portal: MakePortal, helpdesk: Listener) -> Flask:
    """The application, of which a help desk hears."""
    return make_portal(helpdesk_hook=helpdesk.address, helpdesk_secret=SECRET)


def steps(helpdesk: Listener) -> list[dict[str, Any]]:
    """Every step that it was told of, in order."""
    return [step for _, body in helpdesk.came for step in json.loads(body)["steps"]]


def test_each_step_is_told_signed_and_without_words(
    visitor: Visitor,
    helpdesk: Listener,
    work: Callable[[], None],
    database: Database,
    keys: KeyRing,
    clock: StillClock,
) -> None:
    write(visitor)
    work()
    assert steps(helpdesk) == []  # it listens from now on
    visitor.arrive(BO.address)
    number, phrase = receipt(visitor, write_own(visitor))
    answer_it(database, keys, clock)
    work()
    assert [step["type"] for step in steps(helpdesk)] == ["case:opened", "case:claimed", "case:answered"]
    assert steps(helpdesk)[-1]["case"] == {
        "number": number, "about": "other", "state": "ANSWERED", "brand": "stagelight-uk", "language": "en",
        "opened": "2018-07-02T08:00:00+00:00", "due": cases_in(database)[-1].due_at.isoformat(timespec="seconds"),
        "answered": "2018-07-02T08:00:00+00:00", "closed": None, "ended": None,
    }  # fmt: skip
    headers, body = helpdesk.came[-1]
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, said, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(clock().timestamp()))
    for word in (SENTENCE, phrase, BO.address, "We can help", "member:", str(cases_in(database)[-1].customer_id)):
        assert word not in body.decode()
    work()
    assert len(steps(helpdesk)) == 3


@pytest.mark.parametrize("status", [500, 400, 307])
def test_what_was_not_heard_is_told_again_later_and_in_order(
    visitor: Visitor, helpdesk: Listener, work: Callable[[], None], clock: StillClock, status: int
) -> None:
    work()
    helpdesk.answers = [status, status]
    write(visitor)
    work()
    assert len(helpdesk.came) == 1
    write(visitor)
    clock.move(seconds=29)
    work()
    assert len(helpdesk.came) == 1
    clock.move(seconds=1)
    work()
    clock.move(seconds=60)
    work()
    bodies = [json.loads(body)["steps"] for _, body in helpdesk.came]
    assert [len(told) for told in bodies] == [1, 2, 2]
    assert bodies[1] == bodies[2]


def test_letters_go_out_while_the_help_desk_is_away(
    visitor: Visitor, helpdesk: Listener, work: Callable[[], None]
) -> None:
    work()
    helpdesk.answers = [503] * 9
    write(visitor)
    assert visitor.arrive(BO.address).status == 200


def test_many_steps_are_told_in_few_posts(visitor: Visitor, helpdesk: Listener, work: Callable[[], None]) -> None:
    work()
    for _ in range(3):
        write(visitor)
    work()
    assert (len(helpdesk.came), len(steps(helpdesk))) == (1, 3)


def test_a_long_trail_of_other_things_is_passed_in_strides(
    visitor: Visitor,
    helpdesk: Listener,
    work: Callable[[], None],
    clock: StillClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work()
    monkeypatch.setattr(notices, "STRIDE", 2)
    visitor.arrive(BO.address)
    write(visitor)
    clock.move(minutes=2)
    visitor.arrive(BO.address)
    write(visitor)
    work()
    assert [step["type"] for step in steps(helpdesk)] == ["case:opened"] * 2


def test_nobody_there_is_not_heard(clock: StillClock) -> None:
    with listening() as gone:
        pass
    with pytest.raises(NotHeard, match="ConnectionError"):
        Hook(gone.address, SECRET).tell("cases-1", b"{}", now=clock())


def test_a_help_desk_that_drips_is_given_up_in_time(helpdesk: Listener, clock: StillClock) -> None:
    helpdesk.drips = True
    begun = monotonic()
    with pytest.raises(NotHeard):
        Hook(helpdesk.address, SECRET, patience=0.4).tell("cases-1", b"{}", now=clock())
    assert monotonic() - begun < 2
