"""The matrix: every act in every state of a visit, and none of them lets a step be skipped."""

from collections.abc import Callable

import pytest

from portal.database import Database
from tests.identity.bench import cookie, everything, give_cookie
from tests.requirements import requirement
from tests.reset.bench import NEW, OTHER, Shown, form_on
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import TOKEN, Visitor, token_on

ADDRESS, OTHERS = "emre@mail.example", "amara@mail.example"
START = "/"


def nobody(_: Visitor, __: StillClock) -> None:
    """No cookie at all."""


def only_asked(visitor: Visitor, _: StillClock) -> None:
    """Asked, and has the letter; nothing was proved."""
    visitor.ask(ADDRESS)
    visitor.letter(ADDRESS)


def by_code(visitor: Visitor, _: StillClock) -> None:
    """Proved by the cookie and the code."""
    visitor.ask(ADDRESS)
    visitor.type_code(visitor.letter(ADDRESS))


def by_link(visitor: Visitor, _: StillClock) -> None:
    """Proved by the link."""
    visitor.arrive(ADDRESS)


def after_reset(visitor: Visitor, _: StillClock) -> None:
    """Proved, and has set a new password."""
    visitor.arrive(ADDRESS)
    form_on(visitor.get("/password")).send(visitor, NEW)


def stale(visitor: Visitor, clock: StillClock) -> None:
    """Proved by the link, more than twenty minutes ago."""
    visitor.arrive(ADDRESS)
    clock.move(minutes=14)
    visitor.get("/status")
    clock.move(minutes=7)


def left(visitor: Visitor, _: StillClock) -> None:
    """Has left, but the browser has kept the cookie."""
    visitor.arrive(ADDRESS)
    name = cookie(visitor, "ps") or ""
    visitor.act("/status", "/leave")
    give_cookie(visitor, "ps", name)


def idle(visitor: Visitor, clock: StillClock) -> None:
    """Was away for a quarter of an hour."""
    visitor.arrive(ADDRESS)
    clock.move(minutes=15)


OUT = {
    "GET /status": START,
    "GET /next": START,
    "GET /password": START,
    "GET /done": START,
    "GET /code": START,
    "POST /password": START,
}
IN = {
    "GET /status": 200,
    "GET /next": "/password",
    "GET /password": 200,
    "GET /done": 200,
    "GET /code": "/password",
    "POST /password": "/next",
}
WITHOUT = {"GET /password": 403, "GET /code": 403, "POST /password": 403}
MATRIX: list[tuple[Callable[[Visitor, StillClock], None], dict[str, int | str]]] = [
    (nobody, OUT),
    (only_asked, OUT),
    (by_code, IN | WITHOUT),
    (by_link, IN),
    (after_reset, IN | {"GET /next": "/code", "GET /code": 200}),
    (stale, IN | WITHOUT),
    (left, OUT),
    (idle, OUT),
]


def answers(visitor: Visitor, form: Shown) -> dict[str, int | str]:
    """What each act is answered with: where it leads, or its status. The password comes last: it changes the state."""
    found: dict[str, int | str] = {}
    for path in ("/status", "/next", "/password", "/code", "/done"):
        answer = visitor.get(path)
        found[f"GET {path}"] = answer.location or answer.status
    answer = form.send(visitor, OTHER)
    return found | {"POST /password": answer.location or answer.status}


@requirement("LNK-23")
@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(("state", "wanted"), MATRIX, ids=[state.__name__ for state, _ in MATRIX])
def test_each_act_in_each_state(
    state: Callable[[Visitor, StillClock], None], wanted: dict[str, int | str], visitor: Visitor, clock: StillClock
) -> None:
    state(visitor, clock)
    assert answers(visitor, own_form(visitor)) == wanted


@requirement("LNK-23")
@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("state", [nobody, by_code, by_link, after_reset])
def test_the_form_of_another_visit_changes_nothing_in_any_state(
    state: Callable[[Visitor, StillClock], None], newcomer: Newcomer, clock: StillClock, database: Database
) -> None:
    visitor, other = newcomer(), newcomer()
    state(visitor, clock)
    other.arrive(OTHERS)
    foreign = form_on(other.get("/password"))
    before = credentials(database)
    foreign.send(visitor, OTHER)
    Shown(own_form(visitor).token, foreign.account).send(visitor, OTHER)
    assert credentials(database) == before


def own_form(visitor: Visitor) -> Shown:
    """The visitor's own form as far as there is one; elsewhere what somebody would try."""
    page = visitor.get("/password")
    if 'name="account"' in page.text:
        return form_on(page)
    status = visitor.get("/status")
    return Shown(token_on(status) if TOKEN.search(status.text) else "", "0" * 32)


def credentials(database: Database) -> list[object]:
    """What the store holds."""
    return [row for table, row in everything(database) if table == "credential"]
