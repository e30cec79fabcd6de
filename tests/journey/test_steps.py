"""Steps: the task list tells what is done and what is not, and remembers it over visits."""

import re

import pytest

from tests.reset.bench import NEW, form_on, set_password
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor

AMARA = "amara@mail.example"
CODE = "Get your code for the monitoring service"
TASK = re.compile(r'name-and-hint">(.*?)</div>.*?__status"[^>]*>(.*?)</div>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def tasks_on(page: Answer) -> dict[str, str]:
    """Each task of the list, and how it stands."""
    return {TAG.sub("", name).strip(): TAG.sub("", state).strip() for name, state in TASK.findall(page.text)}


def test_the_list_says_what_is_still_to_do(amara: Visitor) -> None:
    page = amara.get("/status")
    assert tasks_on(page) == {"Read your answer": "Done", "Set a new password": "To do", CODE: "To do"}
    assert 'href="/next"' in page.text


def test_the_end_is_honest_about_what_is_left(amara: Visitor) -> None:
    page = amara.get("/done")
    assert "You are not quite done" in page.text
    assert tasks_on(page)["Set a new password"] == "To do"
    set_password(amara, NEW)
    assert "You are not quite done" in amara.get("/done").text
    set_password(amara, NEW + " two")
    assert "You are not quite done" in amara.get("/done").text
    amara.act("/code", "/code")
    page = amara.get("/done")
    assert "You are done" in page.text
    assert tasks_on(page)["Set a new password"] == "Done"
    assert tasks_on(page)[CODE] == "You are in line"
    assert 'href="/next"' not in amara.get("/status").text


@pytest.mark.usefixtures("cast")
def test_nothing_is_to_do_for_who_was_not_affected(visitor: Visitor) -> None:
    page = visitor.arrive("bo@mail.example")
    assert tasks_on(page) == {"Read your answer": "Done", "Set a new password": "Not needed"}
    assert visitor.get("/next").location == "/done"


def come_again(newcomer: Newcomer, clock: StillClock) -> Visitor:
    """Amara, days later and at another browser; letters that were still on their way have come."""
    clock.move(hours=30)
    later = newcomer()
    later.work()
    later.read[AMARA] = len(later.mailbag(AMARA))
    later.arrive(AMARA)
    return later


def test_progress_is_kept_over_visits(amara: Visitor, newcomer: Newcomer, clock: StillClock) -> None:
    set_password(amara, NEW)
    amara.act("/status", "/leave")
    later = come_again(newcomer, clock)
    assert later.get("/next").location == "/password"
    assert form_on(later.get("/password")).send(later, NEW + " two").location == "/next"
    latest = come_again(newcomer, clock)
    assert tasks_on(latest.get("/status"))["Set a new password"] == "Done"
    assert latest.get("/next").location == "/code"
