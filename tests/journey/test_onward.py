"""Onward: no page of a visit is a dead end; what comes next is where `/next` leads."""

import re

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, EMRE, settle
from tests.enrolment.bench import reveal, some_codes, stock_up
from tests.reset.bench import NEW, give_passwords, set_password
from tests.visitor import Answer, Visitor


def ways_on(page: Answer) -> list[str]:
    """Where the page itself leads, without header and footer."""
    main = page.text.partition('id="main"')[2].partition("</main>")[0]
    return re.findall(r'href="(/[^"]*)"', main)


@pytest.fixture
def cast(database: Database, keys: KeyRing) -> None:
    """Let the cast have moved in with passwords, and be no code."""
    settle(database, keys)
    give_passwords(database, keys)


@pytest.mark.usefixtures("cast")
def test_emre_is_led_from_the_password_to_the_code_and_the_end(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    stock_up(database, keys, some_codes(1))
    visitor.arrive(EMRE.address)
    assert ways_on(visitor.get("/done")) == ["/password", "/code", "/next", "/status"]
    assert ways_on(visitor.get("/password")) == ["/status"]
    set_password(visitor, NEW)
    assert visitor.get("/next").location == "/code"
    assert ways_on(visitor.get("/code")) == ["/status"]
    assert ways_on(reveal(visitor))[-2:] == ["/next", "/status"]
    assert visitor.get("/next").location == "/done"


@pytest.mark.usefixtures("cast")
def test_who_waits_in_line_is_led_to_the_end(visitor: Visitor) -> None:
    visitor.arrive(EMRE.address)
    set_password(visitor, NEW)
    assert ways_on(reveal(visitor)) == ["/next", "/status"]
    assert visitor.get("/next").location == "/done"
    assert "/next" not in ways_on(visitor.get("/done"))


@pytest.mark.usefixtures("cast")
def test_bo_need_not_do_anything_and_is_led_past_it(visitor: Visitor) -> None:
    visitor.arrive(BO.address)
    for page in ("/password", "/code"):
        assert ways_on(visitor.get(page))[-2:] == ["/next", "/status"]
    assert visitor.get("/next").location == "/done"


@pytest.mark.usefixtures("cast")
def test_amara_who_typed_the_code_alone_is_led_to_her_link(visitor: Visitor) -> None:
    visitor.ask(AMARA.address)
    visitor.type_code(visitor.letter(AMARA.address))
    assert visitor.get("/next").location == "/password"
    assert ways_on(visitor.get("/password")) == ["/v", "/status"]
