"""Silence: what somebody's answer is shows on the page of the answer, and nowhere else in a whole journey."""

import json
import re
from dataclasses import dataclass

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import ALL, SOME, Account, Person, settle
from tests.identity.bench import everything, outside
from tests.inspection import Page
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.visitor import Visitor

COHORTS = (
    Person("person1", (Account(result="AFFECTED", categories=ALL),)),
    Person("person2", (Account(result="AFFECTED", categories=SOME),)),
    Person("person3", (Account(),)),
    Person("person4", (Account(result="UNKNOWN"),)),
    Person("person5", (Account(result="UNDER_REVIEW"),)),
)
TELLING = re.compile(
    r"affected|under.review|withdrawn|postal_address|email_address|login_details|payment_details|payment details"
    r"|telephone_|was part of the incident:|was not part",
    re.IGNORECASE,
)
# The page of the answer, which only its owner sees, leads on to these where they are for him.
STEPS = {"/password", "/code", "/next"}
PASSING = {"timestamp", "request", "ms", "letter"}


@dataclass(frozen=True)
class Trace:
    """All that a journey leaves outside the page of the answer."""

    letters: tuple[str, ...]
    addresses: tuple[str, ...]
    titles: tuple[str, ...]
    links: tuple[str, ...]
    lines: tuple[str, ...]


def journey(visitor: Visitor, person: Person, capsys: pytest.CaptureFixture[str]) -> Trace:
    """Ask, read, prove, look, look around, leave."""
    capsys.readouterr()
    asked = visitor.ask(person.address)
    letter = visitor.letter(person.address)
    proved = visitor.follow(letter)
    pages = [visitor.get(path) for path in ("/status", "/help", "/leave", "/faq")]
    left = visitor.act("/status", "/leave")
    read = [Page(answer.text) for answer in pages]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return Trace(
        letters=(letter.subject, masked(letter.plain), masked(letter.html), *letter.message.keys()),
        addresses=tuple(answer.location for answer in (asked, proved, left)),
        titles=tuple(page.title for page in read),
        links=tuple(link for page in read for link in page.links if link not in STEPS),
        lines=tuple(str({name: value for name, value in line.items() if name not in PASSING}) for line in lines),
    )


def masked(text: str) -> str:
    """A letter without its secrets."""
    return re.sub(r"(?<=#)[0-9a-z]{20}\.[0-9a-z]{50}|(?<![0-9A-Z])[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z])", "~", text)


@requirement("ENU-05")
def test_every_cohort_leaves_the_same_trace(
    newcomer: Newcomer, database: Database, keys: KeyRing, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(database, keys, *COHORTS)
    traces = [journey(newcomer(), person, capsys) for person in COHORTS]
    assert len(traces[0].lines) > 8
    for trace in traces:
        assert trace == traces[0]
        told = [text for part in vars(trace).values() for text in part if TELLING.search(text)]
        assert told == []
    ids = [str(row["id"]) for table, row in everything(database) if table in ("customer", "visit")]
    assert [one for one in ids if one in str(traces)] == []


@requirement("ENU-05")
def test_only_the_page_of_the_answer_differs_between_cohorts(
    newcomer: Newcomer, database: Database, keys: KeyRing
) -> None:
    settle(database, keys, *COHORTS)
    seen: dict[str, set[object]] = {}
    for person in COHORTS:
        somebody = newcomer()
        somebody.arrive(person.address)
        for path in ("/", "/status", "/help", "/faq", "/updates", "/real-messages", "/sent", "/v", "/revoke", "/none"):
            seen.setdefault(path, set()).add(outside(somebody.get(path)))
    assert {path: len(kinds) for path, kinds in seen.items()} == {path: 5 if path == "/status" else 1 for path in seen}
