"""Skipping steps: whatever somebody keeps or sends, without a living proof every page is a stranger's page."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.database import Database
from portal.tokens import fresh_token
from tests.identity.bench import Rows, cookie, everything, give_cookie, move_to, outside
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor, token_on

AMARA, BO = "amara@mail.example", "bo@mail.example"


def with_garbage(somebody: Visitor, _: StillClock) -> None:
    """Cookies of the right shape that we never gave."""
    for name in ("ps", "rq"):
        give_cookie(somebody, name, fresh_token())


def who_only_asked(somebody: Visitor, _: StillClock) -> None:
    """The asking browser, before any proof."""
    somebody.ask(AMARA)
    somebody.letter(AMARA)


def with_the_asking_cookie_as_visit(somebody: Visitor, _: StillClock) -> None:
    """The asking browser's cookie under the other name."""
    somebody.ask(AMARA)
    somebody.letter(AMARA)
    give_cookie(somebody, "ps", cookie(somebody, "rq") or "")


def who_left(somebody: Visitor, _: StillClock) -> None:
    """A visit that its visitor ended, and a browser that kept it."""
    somebody.arrive(AMARA)
    name = cookie(somebody, "ps") or ""
    somebody.act("/status", "/leave")
    give_cookie(somebody, "ps", name)


def who_was_idle(somebody: Visitor, clock: StillClock) -> None:
    """A visit in which nothing happened for too long."""
    somebody.arrive(AMARA)
    clock.move(minutes=15)


def who_stayed_too_long(somebody: Visitor, clock: StillClock) -> None:
    """A visit of more than an hour."""
    somebody.arrive(AMARA)
    for _ in range(5):
        clock.move(minutes=14)
        somebody.get("/status")


STATES = (
    with_garbage, who_only_asked, with_the_asking_cookie_as_visit, who_left, who_was_idle, who_stayed_too_long,
)  # fmt: skip


def pages(app: Flask) -> list[str]:
    """Every page that can be opened, but files and the pages of development."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return [rule.rule for rule in rules if not rule.rule.startswith(("/dev", "/healthz", "/readyz"))]


def posts(app: Flask) -> list[str]:
    """Every page that can be posted to, but reports."""
    return [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and rule.rule != "/r/csp"]


def everything_asked(somebody: Visitor, app: Flask, fields: dict[str, str]) -> dict[str, Answer]:
    """Every page opened, and every form sent."""
    answers = {f"GET {path}": somebody.get(path) for path in pages(app)}
    return answers | {f"POST {path}": somebody.post(path, fields) for path in posts(app) if path != "/start"}


def unchanged(database: Database) -> Rows:
    """Every row that no stranger may touch."""
    return [row for row in everything(database) if row[0] not in ("audit_event", "audit_seal")]


@requirement("LNK-23")
@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_without_a_living_proof_every_page_is_a_strangers_page(
    state: Callable[[Visitor, StillClock], None],
    newcomer: Newcomer,
    portal: Flask,
    clock: StillClock,
    database: Database,
) -> None:
    nobody, somebody = newcomer(), newcomer()
    state(somebody, clock)
    move_to(somebody, 1)
    move_to(nobody, 2)
    foreign = newcomer()
    foreign.arrive(BO)
    before = unchanged(database)
    fields = {"csrf_token": token_on(foreign.get("/status")), "step": "done", "proved_by": "cookie+link", "visit": "1"}
    theirs, ours = everything_asked(nobody, portal, fields), everything_asked(somebody, portal, fields)
    assert {name: outside(answer) for name, answer in theirs.items()} == {
        name: outside(answer) for name, answer in ours.items()
    }
    assert (ours["GET /status"].status, ours["GET /status"].location) == (303, "/")
    assert (ours["POST /leave"].location, ours["POST /again"].location) == ("/", "/")
    assert unchanged(database) == before


@requirement("LNK-23")
@pytest.mark.usefixtures("cast")
def test_every_post_is_either_public_or_leads_a_stranger_to_the_start(visitor: Visitor, portal: Flask) -> None:
    views = portal.view_functions
    kinds = {rule.rule: getattr(views[rule.endpoint], "post_class", None) for rule in portal.url_map.iter_rules()}
    for path in posts(portal):
        answer = visitor.post(path, {})
        assert (answer.location == "/") is (kinds[path] == "visit"), path


@requirement("LNK-23")
@pytest.mark.usefixtures("cast")
def test_the_walk_in_its_order_is_the_only_way_to_the_answer(visitor: Visitor) -> None:
    assert visitor.get("/status").location == "/"
    visitor.ask(AMARA)
    assert visitor.get("/status").location == "/"
    letter = visitor.letter(AMARA)
    assert visitor.get("/status").location == "/"
    assert visitor.follow(letter).location == "/status"
    assert visitor.get("/status").status == 200
