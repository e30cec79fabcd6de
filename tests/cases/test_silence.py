"""Writing to us tells nobody whether there is an account: the same bytes, the same statements, no look at accounts."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.identity import links
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from tests.cases.bench import NUMBER, PHRASE, come_back, receipt, write
from tests.identity.bench import everything, move_to, statements, traced
from tests.requirements import requirement
from tests.servers.app import MakePortal, Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO, EMRE, FATOU = (f"{name}@mail.example" for name in ("amara", "bo", "emre", "fatou"))
COOKIE = re.compile(r"=[^;]{40,}(?=;)")
UNTIL = re.compile(r"Expires=[^;]+")


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application as in production."""
    return make_portal(origin="https://localhost", environment="production", postbox="smtp", smtp_host="localhost")


def outside(answer: Answer) -> str:
    """All that anybody sees of an answer; number and phrase are by chance, and the cookie counts by its length."""
    headers = [(name, _masked(UNTIL.sub("Expires=then", value))) for name, value in answer.headers]  # type: ignore[misc]
    return repr((answer.status, headers, PHRASE.sub("a phrase", NUMBER.sub("a number", answer.text))))


def _masked(value: str) -> str:
    return COOKIE.sub(lambda found: "~" * len(found[0]), value)


@requirement("ENU-09")
def test_known_and_unknown_addresses_get_the_same_pages_byte_for_byte(newcomer: Newcomer, clock: StillClock) -> None:
    seen: dict[str, list[str]] = {}
    for number, address in enumerate((AMARA, BO, EMRE, FATOU, "am.ara+x@mail.example", "")):
        somebody = newcomer()
        move_to(somebody, number)
        wrote = write(somebody, contact=address)
        seen[address] = [outside(wrote), outside(somebody.get(wrote.location))]
    assert {repr(pages) for pages in seen.values()} == {repr(seen[AMARA])}
    assert all("a phrase" in pages[1] for pages in seen.values())


@requirement("ENU-09")
def test_writing_says_the_same_to_the_database_and_looks_nobody_up(newcomer: Newcomer, database: Database) -> None:
    heard = {}
    for number, address in enumerate((AMARA, FATOU)):
        somebody = newcomer()
        move_to(somebody, number)
        with traced(database) as said:
            write(somebody, contact=address)
        heard[address] = statements(said)
    assert heard[AMARA] == heard[FATOU]
    asked = " ".join(heard[AMARA])
    assert [table for table in ("customer ", "exposure", "letter", "visit", "link_request") if table in asked] == []


@requirement("ENU-09")
def test_writing_does_no_arithmetic_on_accounts_and_no_letter_is_queued(
    newcomer: Newcomer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    purposes: list[str] = []
    once = KeyRing.mac

    def note(ring: KeyRing, purpose: str, *parts: str, **more: int) -> bytes:
        purposes.append(purpose)
        return once(ring, purpose, *parts, **more)

    monkeypatch.setattr(KeyRing, "mac", note)
    write(newcomer(), contact=AMARA)
    assert set(purposes) == {links.MAILBOX, "case phrase"}
    with database.read() as session:
        assert list(session.scalars(select(Letter))) == []


@requirement("ENU-09")
def test_the_fourth_message_of_a_day_is_refused_alike_for_known_and_unknown(newcomer: Newcomer) -> None:
    refused = {}
    for number, address in enumerate((AMARA, FATOU)):
        somebody = newcomer()
        move_to(somebody, number)
        assert [write(somebody, contact=address).status for _ in range(3)] == [303, 303, 303]
        refused[address] = write(somebody, contact=f"  {address.replace('@', '+tag@')}")
    assert refused[AMARA].status == 429
    assert outside(refused[AMARA]) == outside(refused[FATOU])


@requirement("ENU-09")
def test_a_wrong_number_and_a_wrong_phrase_are_one_page_in_the_same_statements(
    newcomer: Newcomer, database: Database
) -> None:
    visitor = newcomer()
    number, phrase = receipt(visitor, write(visitor))
    tried = (number, "plum tractor sky nine"), ("C-0000-0000", phrase), ("nonsense", "x"), ("", "")
    heard, pages = [], []
    for pair in tried:
        with traced(database) as said:
            pages.append(outside(come_back(visitor, *pair)))
        heard.append(statements(said))
    assert all(one == pages[0] for one in pages)
    assert all(one == heard[0] for one in heard)
    assert pages[0].startswith("(400")


def test_what_is_stored_of_a_message_is_sealed_or_keyed(newcomer: Newcomer, database: Database) -> None:
    visitor = newcomer()
    _, phrase = receipt(visitor, write(visitor, "My secret is a canary", contact="canary@mail.example"))
    held = [row for table, row in everything(database) if table in ("help_case", "case_message", "audit_event")]
    told = repr(held).lower()
    assert len(held) == 3
    assert [word for word in ("canary", phrase, "127.0.0") if word in told] == []


def test_no_log_and_no_event_holds_number_phrase_or_words(
    newcomer: Newcomer, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = newcomer()
    number, phrase = receipt(visitor, write(visitor, "a canary", contact="canary@mail.example"))
    come_back(visitor, number, phrase)
    with database.read() as session:
        events = repr([(one.subject, one.details) for one in session.scalars(select(AuditEvent))])
    told = events + "".join(capsys.readouterr())
    assert "case:" in events
    assert [word for word in (number, number.replace("-", "")[1:], phrase, "canary") if word in told] == []
