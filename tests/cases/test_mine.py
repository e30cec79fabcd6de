"""A visitor's own cases: listed without the phrase, nobody else's, and not for whoever has the code alone."""

import re

import pytest

from portal.database import Database
from portal.mail import outbox
from portal.sealing import KeyRing
from tests.cases.bench import SENTENCE, answer_it, cases_in, come_back, receipt, said_on, write, write_own
from tests.cast import AMARA, BO, EMRE
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

pytestmark = pytest.mark.usefixtures("cast")
OWN = ("/help/mine", "/help/mine/opened")


def accounts_on(visitor: Visitor) -> list[str]:
    """The accounts that the form offers."""
    return re.findall(r'name="account"[^>]*value="(\w+)"', visitor.get("/help/mine").text)


def test_own_cases_are_listed_and_read_without_the_phrase(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    number, _ = receipt(visitor, write_own(visitor))
    assert number in visitor.get("/help/mine").text
    answer_it(database, keys, clock)
    here = f"/help/mine/{cases_in(database)[0].number}"
    assert said_on(visitor.get(here)) == [SENTENCE, "We can help you."]
    visitor.act(here, f"{here}/messages", text="Thank you.")
    assert visitor.act(here, f"{here}/closure").location == here
    assert "This message is closed." in visitor.get(here).text


def test_the_case_opens_to_number_and_phrase_too(newcomer: Newcomer) -> None:
    owner = newcomer()
    owner.arrive(BO.address)
    assert said_on(come_back(newcomer(), *receipt(owner, write_own(owner)))) == [SENTENCE]


@requirement("SES-09")
def test_nobody_reads_or_writes_in_anothers_case(newcomer: Newcomer, database: Database) -> None:
    owner, other = newcomer(), newcomer()
    owner.arrive(BO.address)
    write_own(owner)
    other.arrive(EMRE.address)
    here = f"/help/mine/{cases_in(database)[0].number}"
    assert other.get(here).status == 404
    assert [other.act("/help/mine", f"{here}/{act}", text="x").status for act in ("messages", "closure")] == [404, 404]
    assert other.get("/help/mine/opened").location == "/help/mine"
    assert cases_in(database)[0].number not in other.get("/help/mine").text.replace("-", "")


@requirement("SES-09")
def test_a_case_is_about_an_account_of_the_visitors_own(newcomer: Newcomer, database: Database) -> None:
    owner, other = newcomer(), newcomer()
    owner.arrive(AMARA.address)
    other.arrive(BO.address)
    [foreign] = accounts_on(other)
    assert len(accounts_on(owner)) == 2
    assert [write_own(owner, account=name).status for name in (foreign, "", "x" * 500)] == [400, 400, 400]
    assert write_own(owner, account=accounts_on(owner)[1]).status == 303
    assert [case.brand for case in cases_in(database)] == ["seatswap"]


@requirement("LNK-26")
def test_whoever_has_the_code_alone_reads_no_message_and_gets_no_words(newcomer: Newcomer, database: Database) -> None:
    owner, stranger = newcomer(), newcomer()
    owner.arrive(BO.address)
    write_own(owner)
    stranger.ask(BO.address)
    stranger.type_code(stranger.letter(BO.address))
    token = {"csrf_token": token_on(stranger.get("/status"))}
    here = f"/help/mine/{cases_in(database)[0].number}"
    pages = [stranger.get(path) for path in (*OWN, here)]
    pages += [stranger.post(path, token | {"text": "x"}) for path in ("/help/mine", "/help/words", f"{here}/messages")]
    assert [page.status for page in pages] == [403] * 6
    assert all("First, open the link in our letter" in page.text for page in pages)


@requirement("LNK-23")
def test_without_a_visit_every_page_leads_to_the_start(visitor: Visitor) -> None:
    acts = ("/help/mine", "/help/words", "/help/mine/7K3M9QTX/messages", "/help/mine/7K3M9QTX/closure")
    answers = [visitor.get(path) for path in (*OWN, "/help/mine/7K3M9QTX")]
    answers += [visitor.post(path, {"text": "x"}) for path in acts]
    assert [answer.location for answer in answers] == ["/"] * 7


def test_number_and_phrase_are_gone_with_the_visit(visitor: Visitor) -> None:
    visitor.arrive(BO.address)
    answer = write_own(visitor)
    assert receipt(visitor, answer) == receipt(visitor, answer)
    visitor.act("/status", "/leave")
    assert visitor.get("/help/mine/opened").location == "/"
    assert visitor.get("/help/opened").location == "/help/case"


def test_the_letter_says_that_there_is_an_answer_and_nothing_of_it(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    number, phrase = receipt(visitor, write_own(visitor))
    assert answer_it(database, keys, clock, "The canary sings.") is True
    letter = visitor.letter(BO.address)
    told = letter.plain + letter.html
    assert number in letter.plain
    assert "http://localhost/help/case" in letter.plain
    assert [word for word in ("canary", phrase, SENTENCE) if word in told] == []


def test_an_answer_to_a_claimed_address_is_no_letter(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    write(visitor, contact=BO.address)
    assert answer_it(database, keys, clock) is False
    with database.read() as session:
        assert session.query(outbox.Letter).count() == 0


def test_a_case_that_moved_on_gets_no_letter(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    write_own(visitor)
    answer_it(database, keys, clock)
    here = f"/help/mine/{cases_in(database)[0].number}"
    visitor.act(here, f"{here}/closure")
    visitor.work()
    with database.read() as session:
        states = {one.kind: (one.state, one.answer) for one in session.query(outbox.Letter)}
    assert states["case_answer"] == ("DROPPED", "its case moved on")
