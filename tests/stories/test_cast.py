"""The cast walks the whole way, each in their own manner."""

import pytest

from portal.database import Database
from tests.cast import AMARA, BO, EMRE, FATOU, settle
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

LETTER_PAGES = ("/", "/sent", "/v", "/revoke", "/help", "/faq", "/updates", "/real-messages")


@pytest.fixture(autouse=True)
def moved_in(database: Database, portal: object) -> None:
    """The cast has been loaded."""
    settle(database, portal.extensions["portal"].keys)  # type: ignore[attr-defined]


def test_amara_reads_her_answer_in_one_browser(visitor: Visitor) -> None:
    assert all(visitor.get(path).status == 200 for path in LETTER_PAGES)
    assert 'action="/start"' in visitor.get("/").text
    assert visitor.ask(" Amara@Mail.Example ").location == "/sent"
    assert "incident@stagelight.example" in visitor.get("/sent").text
    letter = visitor.letter(AMARA.address)
    assert visitor.follow(letter).location == "/status"
    page = visitor.get("/status").text
    assert page.count("was part of the incident: data of yours was copied") == 2
    assert "Your payment details" in page
    assert visitor.act("/status", "/leave").location == "/leave"
    assert "has ended" in visitor.get("/leave").text
    assert visitor.get("/status").location == "/"


@requirement("LNK-11")
def test_amara_opens_her_letter_on_another_device(visitor: Visitor, another_visitor: Visitor) -> None:
    phone, laptop = another_visitor, visitor
    laptop.ask(AMARA.address)
    letter = phone.letter(AMARA.address)
    asked_for_code = phone.follow(letter)
    assert (asked_for_code.status, "type the code" in asked_for_code.text) == (400, True)
    assert phone.follow(letter, code=letter.code.lower().replace("-", " ")).location == "/status"
    assert phone.get("/status").status == 200
    assert laptop.get("/status").location == "/"


def test_amara_asks_again_because_the_first_letter_is_late(visitor: Visitor, clock: StillClock) -> None:
    visitor.ask(AMARA.address)
    first = visitor.letter(AMARA.address)
    clock.move(minutes=6)
    visitor.post("/start", {"email": AMARA.address})
    second = visitor.letter(AMARA.address)
    assert "A newer letter replaces the older one" in visitor.follow(first).text
    assert visitor.follow(second).location == "/status"


def test_bo_reads_that_he_was_not_part_of_it(visitor: Visitor) -> None:
    page = visitor.arrive(BO.address).text
    assert "Your account was not part of the incident." in page
    assert "You need not do anything." in page
    assert "What was copied" not in page


def test_fatou_is_told_by_letter_that_she_has_no_account(visitor: Visitor, database: Database) -> None:
    assert visitor.ask(FATOU.address).location == "/sent"
    letter = visitor.letter(FATOU.address)
    assert "We have no account under this address" in letter.plain
    assert "http://localhost" in letter.plain
    assert visitor.post("/v", {"code": "7K3M-9QTX"}).status == 400
    assert visitor.get("/status").location == "/"
    assert [table for table, _ in everything(database) if table == "visit"] == []


@requirement("LNK-26")
def test_emre_hears_his_code_on_the_phone_and_reads_his_answer_but_no_more(
    visitor: Visitor, newcomer: Newcomer, database: Database
) -> None:
    friend = newcomer()
    visitor.ask(EMRE.address)
    letter = friend.letter(EMRE.address)
    assert visitor.post("/v", {"code": letter.code.replace("-", "").lower()}).location == "/status"
    assert "Your login details" in visitor.get("/status").text
    assert visitor.get("/help").status == 200
    [visit] = [row for table, row in everything(database) if table == "visit"]
    assert visit["proved_by"] == "code"
    assert friend.follow(letter).status == 400
    visitor.post("/v", {"link": letter.link})
    [visit] = [row for table, row in everything(database) if table == "visit"]
    assert visit["proved_by"] == "code+link"


@requirement("LNK-19")
def test_amara_did_not_ask_and_stops_the_letters(visitor: Visitor, another_visitor: Visitor, clock: StillClock) -> None:
    stranger, amara = visitor, another_visitor
    stranger.ask(AMARA.address)
    letter = amara.letter(AMARA.address)
    assert "stop these letters" in amara.get("/revoke").text.lower()
    stop = {"public_id": letter.public_id, "token": letter.stop_token, "code": letter.code}
    assert "We have stopped the letters" in amara.post("/revoke", stop).text
    clock.move(hours=2)
    stranger.ask(AMARA.address)
    stranger.work()
    assert len(amara.mailbag(AMARA.address)) == 1
    assert amara.post("/revoke/undo", stop).status == 200
    amara.ask(AMARA.address)
    assert amara.follow(amara.letter(AMARA.address)).location == "/status"
