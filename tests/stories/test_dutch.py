"""A customer's way in Dutch: chosen by link or browser, kept by letter and visit, never by a cookie of its own."""

import re

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, FATOU, settle
from tests.letters import Letter
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor, token_on

LANGUAGE = re.compile(r'<html lang="([^"]*)" dir="([^"]*)"')
LINKS = re.compile(r'<(?:a|form)\b[^>]*(?:href|action)="(/(?!static/)[^"]*)"')
FORM = re.compile(r'<form method="post" action="([^"]*)"')
LETTER_IN_DUTCH = "Uw link en code van Stagelight International"


def spoken(answer: Answer) -> str:
    """The language that a page says it is in."""
    found = LANGUAGE.search(answer.text)
    assert found
    assert found[2] == "ltr"
    return found[1]


def speak(visitor: Visitor, accepted: str) -> None:
    """Let the visitor's browser wish for a language."""
    visitor.browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = accepted  # type: ignore[attr-defined]


@pytest.fixture
def customer(visitor: Visitor, database: Database, keys: KeyRing) -> Visitor:
    """Somebody before a portal that knows the cast, with a browser that wishes for English."""
    settle(database, keys)
    speak(visitor, "en-GB")
    return visitor


@requirement("USE-04")
def test_dutch_is_chosen_once_and_spoken_to_the_end(customer: Visitor) -> None:
    first = customer.get("/?lang=nl")
    assert spoken(first) == "nl"
    action = FORM.findall(first.text)[0]
    assert action == "/start?lang=nl"
    asked = customer.post(action, {"email": AMARA.address, "lang": "nl"})
    assert asked.location == "/sent?lang=nl"
    assert "Kijk in uw mailbox" in customer.get(asked.location).text
    letter = customer.letter(AMARA.address)
    _is_dutch(letter)
    opened = customer.get(letter.link.partition("#")[0].removeprefix("http://localhost"))
    assert spoken(opened) == "nl"
    proved = customer.post(FORM.findall(opened.text)[0], {"public_id": letter.public_id, "token": letter.token})
    assert proved.location == "/status"
    answer = customer.get("/status")
    assert spoken(answer) == "nl"
    assert "Uw account hoorde bij het datalek" in answer.text
    assert "(5 minuten)" in answer.text
    assert "vastgelegd op 28 juni 2018, 08:00 (Britse zomertijd)" in answer.text
    left = customer.act("/status", "/leave")
    assert "Uw bezoek is afgelopen" in customer.get(left.location).text


@requirement("USE-04")
def test_a_browser_that_wishes_for_dutch_gets_it_unasked(customer: Visitor) -> None:
    speak(customer, "nl-BE,nl;q=0.9,en;q=0.5")
    answer = customer.arrive(BO.address)
    _is_dutch(customer.mailbag(BO.address)[-1])
    assert spoken(answer) == "nl"
    assert "Uw account hoorde niet bij het datalek." in answer.text
    assert "lang=" not in "".join(LINKS.findall(answer.text))


def test_a_stranger_reads_in_dutch_that_there_is_no_account(customer: Visitor) -> None:
    customer.post("/start?lang=nl", {"email": FATOU.address})
    letter = customer.letter(FATOU.address)
    assert letter.subject == "Uw vraag aan Stagelight International"
    assert "We hebben geen account onder dit adres." in letter.plain
    assert "/?lang=nl" in letter.plain


def test_a_language_that_we_do_not_speak_falls_back_to_the_first(customer: Visitor) -> None:
    speak(customer, "de-DE, de;q=0.9")
    assert spoken(customer.arrive(AMARA.address)) == "en"
    assert spoken(customer.get("/?lang=de")) == "en"


@requirement("USE-04")
def test_faults_are_told_in_the_language_of_the_form(customer: Visitor) -> None:
    answer = customer.post("/start", {"email": "nobody", "lang": "nl"})
    assert (answer.status, spoken(answer)) == (400, "nl")
    assert "Er is een probleem" in answer.text
    assert "We kunnen dit e-mailadres niet lezen." in answer.text
    assert spoken(customer.get("/geen-pagina?lang=nl")) == "nl"


def test_a_letter_opens_in_its_own_language_wherever_it_is_read(customer: Visitor, another_visitor: Visitor) -> None:
    speak(another_visitor, "en")
    customer.post("/start?lang=nl", {"email": AMARA.address})
    letter = customer.letter(AMARA.address)
    page = another_visitor.get(letter.link.partition("#")[0].removeprefix("http://localhost"))
    assert spoken(page) == "nl"
    another_visitor.follow(letter, code=letter.code)
    assert spoken(another_visitor.get("/status")) == "nl"


def test_a_visit_keeps_the_language_that_is_chosen_on_the_way(customer: Visitor, clock: StillClock) -> None:
    assert spoken(customer.arrive(AMARA.address)) == "en"
    assert spoken(customer.get("/status?lang=nl")) == "nl"
    kept = customer.get("/status")
    assert spoken(kept) == "nl"
    assert spoken(customer.get("/leave")) == "nl"
    clock.move(minutes=2)
    asked = customer.post("/again", {"csrf_token": token_on(kept)})
    assert asked.location == "/sent?lang=nl"
    assert customer.letter(AMARA.address).subject == LETTER_IN_DUTCH


@pytest.mark.parametrize("path", ["/", "/faq", "/updates", "/real-messages", "/help", "/sent", "/v", "/status"])
def test_every_link_and_form_carries_the_choice(customer: Visitor, path: str) -> None:
    customer.arrive(AMARA.address)
    links = LINKS.findall(customer.get(f"{path}?lang=nl").text)
    assert links
    assert [link for link in links if "lang=nl" not in link] == []


def test_a_choice_makes_no_cookie(customer: Visitor) -> None:
    assert customer.get("/?lang=nl").cookies == []
    asked = customer.post("/start?lang=nl", {"email": AMARA.address})
    assert [cookie.partition("=")[0] for cookie in asked.cookies] == ["rq"]


def _is_dutch(letter: Letter) -> None:
    assert letter.subject == LETTER_IN_DUTCH
    assert letter.message["Content-Language"] == "nl"
    assert "/v?lang=nl#" in letter.plain
    assert "2 juli 2018, 09:00 (Britse zomertijd)" in letter.plain
    assert '<html lang="nl" dir="ltr">' in letter.html
    assert letter.code
    assert "/revoke?lang=nl#" in letter.stop_link
