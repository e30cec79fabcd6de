"""Four words: for a proven visit, ten minutes long, the newest only; and the words themselves."""

import re
from collections import Counter

import pytest

from portal.cases import four_words
from portal.cases.phrases import fresh_phrase, read_phrase, words
from portal.database import Database
from portal.identity import customers
from portal.sealing import KeyRing
from tests.cast import BO, EMRE
from tests.identity.bench import everything
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

SPOKEN = re.compile(r'class="spoken">([a-z ]+)</p>')


def say(visitor: Visitor) -> str:
    """Ask for words, and read them."""
    return SPOKEN.findall(visitor.act("/help/mine", "/help/words").text)[0]


def found(database: Database, keys: KeyRing, clock: StillClock, said: str) -> list[str]:
    """The addresses that an agent finds by what was said."""
    with database.read() as session:
        index = four_words.find(session, keys, said, now=clock())
        accounts = customers.at_address(session, [index]) if index else []
        return [customers.stored_address(keys, account) for account in accounts]


@pytest.mark.usefixtures("cast")
def test_the_words_lead_to_the_record_for_ten_minutes(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    said = say(visitor)
    assert found(database, keys, clock, f" {said.upper().replace(' ', ', ')}!") == [BO.address]
    assert found(database, keys, clock, " ".join(reversed(said.split()))) == []
    clock.move(minutes=9, seconds=59)
    assert found(database, keys, clock, said) == [BO.address]
    clock.move(seconds=1)
    assert found(database, keys, clock, said) == []


@pytest.mark.usefixtures("cast")
def test_newer_words_end_the_older_ones_of_this_address_alone(
    newcomer: Newcomer, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    visitor, other = newcomer(), newcomer()
    visitor.arrive(BO.address)
    other.arrive(EMRE.address)
    first, theirs, second = say(visitor), say(other), say(visitor)
    assert [found(database, keys, clock, said) for said in (first, second, theirs)] == [
        [],
        [BO.address],
        [EMRE.address],
    ]


@pytest.mark.usefixtures("cast")
def test_an_address_gets_words_five_times_an_hour(visitor: Visitor, clock: StillClock, database: Database) -> None:
    visitor.arrive(BO.address)
    for _ in range(5):
        say(visitor)
    refused = visitor.act("/help/mine", "/help/words")
    assert (refused.status, SPOKEN.findall(refused.text)) == (429, [])
    clock.move(hours=1)
    visitor.arrive(BO.address)
    said = say(visitor)
    rows = [row for table, row in everything(database) if table == "four_words"]
    assert len(rows) == 1  # older ones are forgotten
    assert said not in repr(rows)


def test_there_are_2048_words_short_plain_and_each_once() -> None:
    assert len(words()) == 2048 == len(set(words()))
    assert all(re.fullmatch("[a-z]{3,8}", word) for word in words())


def test_phrases_are_by_chance() -> None:
    drawn = Counter(word for _ in range(5_000) for word in fresh_phrase().split())
    assert len(drawn) > 2000
    assert max(drawn.values()) < 40


@pytest.mark.parametrize("typed", ["", "plum", "plum tractor sky", "plum tractor sky nine ten", "1 2 3 4", "x " * 500])
def test_what_is_no_phrase_is_read_as_none(typed: str) -> None:
    assert read_phrase(typed) == ""
