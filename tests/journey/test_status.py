"""The answer: one sentence first, then the fields, what follows, what to do and what not, and as of which revision."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from portal.database import Database
from portal.identity.customers import Customer
from portal.incident import file
from portal.sealing import KeyRing
from tests.cast import ALL, AMARA, MORE, SOME, Account, Person, settle
from tests.journey.bench import revise, shown, words
from tests.servers.ground import EXAMPLE
from tests.visitor import Visitor

SENTENCES = {
    "AFFECTED": "Your account was part of the incident: data of yours was copied.",
    "NOT_AFFECTED": "Your account was not part of the incident.",
    "UNKNOWN": "We cannot tell yet whether your account was part of the incident.",
    "UNDER_REVIEW": "We are looking at your account once more.",
    "WITHDRAWN": "We told you earlier that your account was part of the incident. We now know that it was not.",
}
BEFORE = {
    "AFFECTED": "Before, we told you that your account was part of the incident.",
    "NOT_AFFECTED": "Before, we told you that your account was not part of the incident.",
    "UNKNOWN": "Before, we could not tell.",
    "UNDER_REVIEW": "Before, we were looking at your account once more.",
}
FIELDS = file.read(EXAMPLE).words("en").short.categories


def answer_to(
    visitor: Visitor, database: Database, keys: KeyRing, result: str, categories: tuple[str, ...] = ()
) -> str:
    """The page of somebody with one account and this answer."""
    settle(database, keys, Person("somebody", (Account(result=result, categories=categories),)))
    return unescape(words(visitor.arrive("somebody@mail.example").text))


def listed(page: str, heading: str) -> list[str]:
    """The points under a heading, as text."""
    part = page.partition(f">{heading}</h3>")[2].partition("</ul>" if heading != "What to do" else "</ol>")[0]
    return [re.sub(r"<[^>]+>", "", point).strip() for point in re.findall(r"<li>(.*?)</li>", part)]


@pytest.mark.parametrize("result", SENTENCES)
def test_each_result_is_told_in_one_sentence_before_anything_else(
    visitor: Visitor, database: Database, keys: KeyRing, result: str
) -> None:
    first = "AFFECTED" if result in ("AFFECTED", "WITHDRAWN") else result
    page = answer_to(visitor, database, keys, first, SOME if first == "AFFECTED" else ())
    if result == "WITHDRAWN":
        revise(database, 2, "NOT_AFFECTED")
        page = unescape(words(visitor.get("/status").text))
    assert [name for name, sentence in SENTENCES.items() if f"{sentence} </h2>" in page] == [result]
    main = page.partition('id="main"')[2]
    assert main.index(SENTENCES[result]) < main.index("<p class=")
    assert page.count("<title>Your answer – Stagelight International</title>") == 1


@pytest.mark.parametrize("categories", [SOME, MORE, ALL, ("telephone",)])
def test_exactly_the_copied_fields_are_named(
    visitor: Visitor, database: Database, keys: KeyRing, categories: tuple[str, ...]
) -> None:
    page = answer_to(visitor, database, keys, "AFFECTED", categories)
    assert listed(page, "What was copied from your account") == [FIELDS[name] for name in sorted(categories)]


def test_at_most_three_things_to_do_are_named_each_with_its_minutes(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    tasks = listed(answer_to(visitor, database, keys, "AFFECTED", ALL), "What to do")
    assert [re.split(r" \(", task)[0] for task in tasks] == [
        "Change your password",
        "Look through your account statements",
        "Be careful with messages about this",
    ]
    assert [re.findall(r"\((\d+ minutes?)\)", task) for task in tasks] == [["5 minutes"], ["10 minutes"], ["2 minutes"]]


@pytest.mark.parametrize(
    ("categories", "need_not", "must"),
    [(SOME, "replace your card", "messages about this"), (ALL, "anything about your tickets", "Change your password")],
)
def test_advice_follows_from_what_was_copied(
    visitor: Visitor, database: Database, keys: KeyRing, categories: tuple[str, ...], need_not: str, must: str
) -> None:
    page = answer_to(visitor, database, keys, "AFFECTED", categories)
    spared = listed(page, "What you need not do")
    assert any(need_not in point for point in spared)
    assert any(must in point for point in listed(page, "What to do"))
    assert any("card" in point for point in spared) is ("payment_details" not in categories)


@pytest.mark.parametrize("result", ["UNKNOWN", "UNDER_REVIEW"])
def test_while_we_do_not_know_nothing_is_called_safe(
    visitor: Visitor, database: Database, keys: KeyRing, result: str
) -> None:
    page = answer_to(visitor, database, keys, result)
    assert "What you need not do" not in page
    assert "not exposed" not in page
    assert "We will tell everyone more by 5 July 2018." in page


def test_the_revision_and_its_moment_are_told_in_the_incidents_zone(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    page = answer_to(visitor, database, keys, "NOT_AFFECTED")
    assert "as of revision 1, stated on 28 June 2018, 08:00 (British Summer Time)." in page
    assert "What has changed for you" not in page


@pytest.mark.parametrize("earlier", BEFORE)
def test_what_changed_since_is_told(visitor: Visitor, database: Database, keys: KeyRing, earlier: str) -> None:
    answer_to(visitor, database, keys, earlier, SOME if earlier == "AFFECTED" else ())
    revise(database, 2, "AFFECTED", MORE)
    page = unescape(words(visitor.get("/status").text))
    assert [name for name, sentence in BEFORE.items() if sentence in page] == [earlier]
    new = sorted(set(MORE) - set(SOME if earlier == "AFFECTED" else ()))
    assert f"New in this answer: {', '.join(FIELDS[name] for name in new)}." in page
    assert "as of revision 2, stated on 29 June 2018" in page


def test_what_was_withdrawn_once_is_remembered_when_it_comes_back(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    answer_to(visitor, database, keys, "AFFECTED", SOME)
    revise(database, 2, "NOT_AFFECTED")
    assert "No longer in it: Your email address, Your name." in unescape(words(visitor.get("/status").text))
    revise(database, 3, "AFFECTED", SOME)
    page = unescape(words(visitor.get("/status").text))
    assert "Before, we told you that your account was not part of the incident." in page
    assert "could not tell" not in page


def test_no_value_of_an_account_is_shown(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    page = answer_to(visitor, database, keys, "AFFECTED", ALL)
    with database.read() as session:
        rows = [vars(row) for row in session.scalars(select(Customer))]
    held = [str(value) for row in rows for name, value in row.items() if name in ("id", "ref_index", "email_index")]
    assert [value for value in (*held, "somebody@", "somebody-0", "mail.example") if value in page] == []


def test_each_account_that_was_shown_is_written_down_once_a_page(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    settle(database, keys, AMARA)
    visitor.arrive(AMARA.address)
    first = shown(database)
    assert [(one["actor"], one["result"], one["revision"]) for one in first] == [("customer", "AFFECTED", 1)] * 2
    assert len({one["subject"] for one in first}) == 2
    visitor.get("/status")
    assert shown(database) == first * 2
    assert "amara" not in repr(first)


def test_the_page_leads_on_to_help_questions_another_address_and_the_end(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    page = answer_to(visitor, database, keys, "AFFECTED", SOME)
    main = page.partition('id="main"')[2].partition("</main>")[0]
    assert re.findall(r'href="([^"]+)"', main) == ["/password", "/help/mine", "/real-messages", "/faq", "/#ask"]
    assert 'action="/leave"' in main
