"""What people write: scripts, formulas, endless words, a megabyte; and what the form says where it takes none."""

from html import unescape

import pytest

from portal.cases.messages import LONGEST, tidy
from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import SENTENCE, answer_it, cases_in, come_back, receipt, said_on, write, write_own
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

HARMFUL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% include 'x' %}",
    "&lt;b&gt; &amp; <b>bold</b>",
    "'; drop table help_case; --",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "x" * LONGEST,
    "%s %(number)s %n \\0 \\x00",
    "\u0627\u0644\u0633\u0644\u0627\u0645 \U0001f600 \u00e9",
)


@requirement("STF-17")
@pytest.mark.parametrize("text", HARMFUL)
def test_what_was_written_is_shown_as_it_was_written(visitor: Visitor, text: str) -> None:
    page = come_back(visitor, *receipt(visitor, write(visitor, text)))
    assert said_on(page) == [text]
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "49" not in said_on(page)[0].replace(text, "")


@requirement("STF-17")
@pytest.mark.parametrize("text", HARMFUL[:6])
def test_what_is_shown_again_in_the_form_is_escaped_too(visitor: Visitor, text: str) -> None:
    page = visitor.post("/help", {"reason": "", "text": text, "contact": f"{text} at home"})
    assert page.status == 400
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert unescape(page.text).count(text) >= 2


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("one\r\ntwo\rthree\n\n\n\n\nfour", "one\ntwo\nthree\n\nfour"),
        ("safe \u202egnp.exe\u2066", "safe gnp.exe"),
        ("  \u00a0 around \n", "around"),
        ("e\u0301", "\u00e9"),
        ("\ud800 alone", "alone"),
        ("tab\there", "tab\there"),
    ],
)
def test_signs_that_nobody_sees_are_left_out(text: str, kept: str) -> None:
    assert tidy(text) == kept


def test_a_text_with_nul_reaches_its_case(visitor: Visitor) -> None:
    assert said_on(come_back(visitor, *receipt(visitor, write(visitor, "before\x00after")))) == ["beforeafter"]


def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed(visitor: Visitor, database: Database) -> None:
    long = visitor.post("/help", {"reason": "fraud", "text": "z" * (LONGEST + 1), "contact": "who at home"})
    assert long.status == 400
    assert "It has 4,001 letters and signs" in long.text
    assert "We cannot read this email address." in long.text
    assert 'value="who at home"' in long.text
    assert "z" * (LONGEST + 1) in long.text
    empty = visitor.post("/help", {"reason": "nothing like it", "text": " \x00 "})
    assert "Choose what it is about." in empty.text
    assert "Write to us what happened, in your own words." in empty.text
    assert cases_in(database) == []


def test_a_megabyte_is_refused_by_a_kind_page(visitor: Visitor, database: Database) -> None:
    page = visitor.post("/help", {"reason": "other", "text": "x" * 1_000_000})
    assert page.status == 413
    assert "make it shorter" in page.text
    assert cases_in(database) == []


@pytest.mark.parametrize("field", ["reason", "text", "contact"])
def test_a_repeated_field_is_refused(visitor: Visitor, field: str) -> None:
    form: dict[str, str | list[str]] = {"reason": "other", "text": SENTENCE, "contact": ""}
    assert visitor.post("/help", form | {field: ["other", "fraud"]}).status == 400


@pytest.mark.usefixtures("cast")
def test_a_day_has_room_for_three_messages_of_an_owner_and_no_stranger_uses_them_up(
    newcomer: Newcomer, clock: StillClock
) -> None:
    stranger, owner = newcomer("10.1.1.1"), newcomer()
    assert [write(stranger, contact="bo@mail.example").status for _ in range(4)] == [303, 303, 303, 429]
    owner.arrive("bo@mail.example")
    assert [write_own(owner).status for _ in range(4)] == [303, 303, 303, 429]
    assert write(stranger).status == 303
    clock.move(hours=24)
    assert write(stranger, contact="bo@mail.example").status == 303


def test_the_customer_writes_again_and_our_turn_begins_anew(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    [first] = cases_in(database)
    clock.move(minutes=10)
    visitor.act("/help/case/read", "/help/case/messages", text="And this.")
    [again] = cases_in(database)
    assert (again.state, again.due_at) == ("NEW", first.due_at)  # who waits keeps the deadline
    answer_it(database, keys, clock, asks=True)
    assert "We need an answer from you" in visitor.get("/help/case/read").text
    visitor.act("/help/case/read", "/help/case/messages", text="Here it is.")
    [last] = cases_in(database)
    assert (last.state, last.due_at > first.due_at, last.version) == ("OPEN", True, 5)


def test_a_closed_case_takes_nothing_more(visitor: Visitor, database: Database) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    token = {"csrf_token": token_on(visitor.get("/help/case/read"))}
    assert visitor.post("/help/case/closure", token).status == 303
    assert visitor.post("/help/case/closure", token).status == 303
    assert visitor.post("/help/case/messages", token | {"text": "more"}).status == 303
    assert said_on(visitor.get("/help/case/read")) == [SENTENCE]
    assert [case.version for case in cases_in(database)] == [2]


def test_twenty_messages_a_day_are_enough(visitor: Visitor) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    said = [visitor.act("/help/case/read", "/help/case/messages", text="And?").status for _ in range(20)]
    assert said == [303] * 19 + [429]
