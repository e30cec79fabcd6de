"""The form of letters: two parts, plain first, nothing that is fetched or counted, and the link as it was made."""

import re
from datetime import UTC
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from portal.mail import outbox
from portal.sealing import KeyRing
from tests import cast
from tests.letters import Letter
from tests.mail.conftest import Open, PostOffice
from tests.requirements import requirement
from tests.servers.relay import Received, Relay

KINDS = {"link": "amara@mail.example", "unknown": "fatou@mail.example"}
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
}
FETCHED = re.compile(
    r"<(?:img|link|script|iframe|object|embed|video|audio|source|style|base|form|meta http)|url\(|src="
)
ADDRESS = re.compile(r"[a-z]+://[^\s\"'<>]+")
ORIGIN = "http://localhost"


@pytest.fixture(params=sorted(KINDS))
def received(request: pytest.FixtureRequest, office: PostOffice, relay: Relay) -> Received:
    """A letter of each kind, as the relay got it."""
    office.ask(KINDS[request.param])
    office.work()
    return relay.letters[0]


@requirement("EML-10")
def test_plain_text_comes_first_and_html_second(received: Received) -> None:
    letter = received.message
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert list(letter.iter_attachments()) == []
    assert all(len(line) <= 998 for line in received.content.split(b"\r\n"))
    assert b"\n" not in received.content.replace(b"\r\n", b"")


@requirement("EML-10")
def test_headers_ask_for_no_answer_and_name_each_letter(received: Received, office: PostOffice) -> None:
    letter = received.message
    assert set(letter.keys()) == HEADERS
    assert len(letter.keys()) == len(HEADERS)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["X-Auto-Response-Suppress"] == "All"
    assert re.fullmatch(r"<[0-9a-z]{20}@localhost>", letter["Message-ID"])
    assert parsedate_to_datetime(letter["Date"]).astimezone(UTC) == office.clock()
    assert letter["From"].addresses[0].addr_spec == received.sender == "incident@stagelight.example"
    assert letter["To"] == received.recipients[0]


@requirement("EML-10")
@requirement("LNK-24")
def test_a_letter_fetches_nothing_and_links_to_nobody_else(received: Received) -> None:
    letter = Letter(received.message)
    assert not FETCHED.search(letter.html.lower())
    places = ADDRESS.findall(letter.html + letter.plain)
    assert places
    assert {f"{urlsplit(place).scheme}://{urlsplit(place).netloc}" for place in places} == {ORIGIN}
    assert {urlsplit(place).query for place in places} <= {"", "lang=en"}
    assert set(re.findall(r'href="([^"#?]*)', letter.html)) <= {f"{ORIGIN}/", f"{ORIGIN}/v", f"{ORIGIN}/revoke"}


@requirement("EML-12")
def test_a_letter_says_what_we_never_ask_for_and_what_to_do_if_one_did_not_ask(
    office: PostOffice, relay: Relay
) -> None:
    office.ask(KINDS["link"])
    office.work()
    letter = Letter(relay.letters[0].message)
    for text in (letter.plain, re.sub(r"<[^>]+>", " ", letter.html)):
        said = " ".join(text.lower().split())
        assert "nobody will ask you for this code or this link" in said
        assert re.search(rf"type the code only on our own site: {ORIGIN} ", said)
        assert "you did not ask for this?" in said
        assert "you need not do anything" in said
        assert "you can reach a person at" in said


@requirement("EML-12")
def test_a_letter_to_an_unknown_address_says_that_nothing_needs_doing(office: PostOffice, relay: Relay) -> None:
    office.ask(KINDS["unknown"])
    office.work()
    assert "you need not do anything" in " ".join(Letter(relay.letters[0].message).plain.split())


@requirement("LNK-24")
@requirement("ENG-01")
def test_the_link_arrives_as_it_was_made(office: PostOffice, relay: Relay, keys: KeyRing) -> None:
    office.ask(KINDS["link"])
    made = outbox.content(keys, office.letter())
    link = f"{ORIGIN}/v?lang=en#{made['public_id']}.{made['token']}"
    stop_link = f"{ORIGIN}/revoke?lang=en#{made['public_id']}.{made['stop']}"
    office.work()
    letter = Letter(relay.letters[0].message)
    for wanted in (link, stop_link):
        assert wanted in letter.plain.splitlines()
        assert f'href="{wanted}"' in letter.html
        assert wanted.encode() in relay.letters[0].content
    assert (letter.link, letter.stop_link, letter.code.replace("-", "")) == (link, stop_link, made["code"])
    assert set(re.findall(r'href="([^"]*)"', letter.html)) == {link, stop_link}


@requirement("EML-04")
@requirement("ENG-01")
@pytest.mark.parametrize(
    "typed",
    [
        "amara.diallo@mail.example",
        "AMARA.DIALLO@MAIL.EXAMPLE",
        "ａmara.diallo＠mail。example",
        " Amara.Diallo@mail.example ",
    ],
)
def test_a_letter_goes_to_the_address_as_it_was_stored(open_office: Open, relay: Relay, typed: str) -> None:
    stored = cast.Person("Amara.Diallo", (cast.Account(),))
    office = open_office(stored)
    office.ask(typed)
    office.work()
    (received,) = relay.letters
    assert received.recipients == (stored.address,) == ("Amara.Diallo@mail.example",)
    assert received.message["To"] == stored.address


@requirement("EML-04")
@requirement("ENG-01")
@pytest.mark.parametrize("typed", ["amara+tag@mail.example", "a.mara@mail.example", "amara@mail.example.example"])
def test_a_letter_for_an_account_never_goes_to_another_spelling(office: PostOffice, relay: Relay, typed: str) -> None:
    office.ask(typed)
    office.work()
    (received,) = relay.letters
    assert received.recipients == (typed,)
    assert Letter(received.message).link == ""


def test_a_letter_is_an_email_message(received: Received) -> None:
    assert isinstance(received.message, EmailMessage)
    assert received.message.defects == []
