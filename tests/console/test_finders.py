"""Finders that lean on cases: four words that a customer says, and the number of a case."""

import re

import pytest

from tests.cases.bench import receipt, write, write_own
from tests.cast import AMARA, BO
from tests.console.bench import Colleague
from tests.console.records import search, sheets
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

pytestmark = pytest.mark.usefixtures("cast")

WORDS = re.compile(r">\s*([a-z]+(?: [a-z]+){3})\s*<")


@requirement("STF-08")
def test_four_words_find_the_record_for_ten_minutes(chen: Colleague, visitor: Visitor, clock: StillClock) -> None:
    visitor.arrive(AMARA.address)
    told = visitor.post("/help/words", {"csrf_token": token_on(visitor.get("/help/mine"))})
    found = WORDS.search(told.text)
    assert found, told.text
    assert len(sheets(chen, found[1].upper(), finder="words")) == 2
    assert sheets(chen, "plum tractor sky nine", finder="words") == []
    assert sheets(chen, found[1].rpartition(" ")[0], finder="words") == []
    clock.move(minutes=10)
    assert sheets(chen, found[1], finder="words") == []


@requirement("STF-08")
@requirement("ENU-09")
def test_the_number_of_a_proven_case_finds_its_account(chen: Colleague, visitor: Visitor) -> None:
    visitor.arrive(BO.address)
    number, _ = receipt(visitor, write_own(visitor))
    [sheet] = sheets(chen, number.lower(), finder="case")
    assert number in chen.get(sheet).text
    assert search(chen, "C-12", finder="case").status == 400
    assert sheets(chen, "C-0000-0000", finder="case") == []


@requirement("ENU-09")
def test_an_address_that_was_only_claimed_finds_nobody(chen: Colleague, visitor: Visitor) -> None:
    number, _ = receipt(visitor, write(visitor, contact=BO.address))
    assert sheets(chen, number, finder="case") == []
