"""Number and phrase: typed any way, ten wrong phrases rest for an hour, and nothing of it opens another case."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal.audit.trail import AuditEvent
from portal.cases import passes, returning
from portal.cases.case import read_number
from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import SENTENCE, cases_in, come_back, receipt, said_on, write
from tests.identity.bench import cookie, give_cookie
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

WRONG = "plum tractor sky nine"


def test_number_and_phrase_may_be_typed_in_many_ways(visitor: Visitor) -> None:
    number, phrase = receipt(visitor, write(visitor))
    bare = number.replace("-", "").lower()
    ways = (
        (number, phrase),
        (bare, phrase.upper()),
        (bare[1:], phrase.replace(" ", ", ")),
        (f" {number} ", f"{phrase}."),
    )
    assert [said_on(come_back(visitor, *way)) for way in ways] == [[SENTENCE]] * len(ways)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("C-7K3M-9QTX", "7K3M9QTX"),
        ("c 7k3m 9qtx", "7K3M9QTX"),
        ("CCCCCCCC", "CCCCCCCC"),
        ("C-CCCC-CCCC", "CCCCCCCC"),
        ("7K3M-9QT", ""),
        ("\x00", ""),
        ("D-7K3M-9QTX", ""),
    ],
)
def test_a_number_is_read_as_it_was_meant(typed: str, number: str) -> None:
    assert read_number(typed) == number


def test_ten_wrong_phrases_rest_the_number_for_an_hour_and_nothing_else(newcomer: Newcomer, clock: StillClock) -> None:
    visitor = newcomer()
    first, other = receipt(visitor, write(visitor)), receipt(visitor, write(visitor))
    assert {come_back(visitor, first[0], WRONG).status for _ in range(10)} == {400}
    assert come_back(visitor, *first).status == 400
    assert come_back(visitor, *other).status == 200
    clock.move(minutes=59, seconds=59)
    assert come_back(visitor, *first).status == 400
    clock.move(seconds=1)
    assert come_back(visitor, *first).status == 200


def test_nine_wrong_phrases_are_forgiven_by_the_right_one(visitor: Visitor, database: Database) -> None:
    number, phrase = receipt(visitor, write(visitor))
    for _ in range(9):
        come_back(visitor, number, WRONG)
    assert come_back(visitor, number, phrase).status == 200
    assert [case.wrong_phrases for case in cases_in(database)] == [0]


def test_of_many_wrong_phrases_at_once_ten_are_looked_at(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    number, _ = receipt(visitor, write(visitor))

    def guess(_: int) -> None:
        with database.write() as session:
            assert returning.come_back(session, keys, number, WRONG, now=clock()) is None

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(guess, range(24)))
    assert [case.wrong_phrases for case in cases_in(database)] == [10]
    with database.read() as session:
        refused = select(func.count(AuditEvent.id)).where(AuditEvent.kind == "case:refused")
        assert session.scalar(refused) == 24


def test_a_pass_opens_its_case_for_half_an_hour(visitor: Visitor, clock: StillClock) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    clock.move(minutes=29, seconds=59)
    assert visitor.get("/help/case/read").status == 200
    clock.move(seconds=1)
    assert visitor.get("/help/case/read").location == "/help/case"


@pytest.mark.parametrize("forged", ["", "x", "WyJ4Il0.x", "0" * 3000, "\u00e9"])
def test_a_pass_that_we_did_not_make_opens_nothing(keys: KeyRing, clock: StillClock, forged: str) -> None:
    assert passes.read_pass(keys, forged, now=clock()) is None
    assert passes.read_pass(KeyRing.fresh(), passes.new_pass(keys, uuid4(), now=clock()), now=clock()) is None


def test_leaving_forgets_the_case_on_this_device(visitor: Visitor) -> None:
    number, phrase = receipt(visitor, write(visitor))
    come_back(visitor, number, phrase)
    assert visitor.act("/help/case/read", "/help/case/leave").location == "/help/case"
    assert [visitor.get(page).location for page in ("/help/case/read", "/help/opened")] == ["/help/case"] * 2


def test_number_and_phrase_are_shown_for_ten_minutes_and_only_to_the_browser_that_wrote(
    newcomer: Newcomer, clock: StillClock
) -> None:
    visitor, other = newcomer(), newcomer()
    answer = write(visitor)
    assert receipt(visitor, answer) == receipt(visitor, answer)
    assert other.get("/help/opened").location == "/help/case"
    kept = cookie(visitor, "cr") or ""
    clock.move(minutes=10)
    give_cookie(visitor, "cr", kept)
    assert visitor.get("/help/opened").location == "/help/case"


@pytest.mark.parametrize("path", ["/help/case/messages", "/help/case/closure", "/help/case/leave"])
def test_acts_in_a_case_need_the_token_of_its_pages(visitor: Visitor, path: str) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    assert visitor.post(path, {"text": "again"}).status == 403
    assert said_on(visitor.get("/help/case/read")) == [SENTENCE]
