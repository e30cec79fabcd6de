"""Accounts: several may share an address, and nothing in a request reaches those of anybody else."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import BO, SOME, Account, Person, settle
from tests.identity.bench import cookie, everything
from tests.requirements import requirement
from tests.visitor import TOKEN, Visitor

FAMILY = Person(
    "family",
    (
        Account(result="AFFECTED", categories=SOME),
        Account(brand="seatswap"),
        Account(brand="ticketlane", result="UNKNOWN"),
    ),
)


@pytest.fixture(autouse=True)
def moved_in(database: Database, keys: KeyRing) -> None:
    """Three accounts at one address, and one at another."""
    settle(database, keys, FAMILY, BO)


def read(page: str) -> str:
    """A page without the token of its forms, which is new each second."""
    return page.replace(TOKEN.search(page)[0], "")  # type: ignore[index]


@requirement("SES-09")
def test_nothing_in_a_request_names_another_account(
    visitor: Visitor, another_visitor: Visitor, database: Database
) -> None:
    assert "was not part" in another_visitor.arrive(BO.address).text
    mine = read(visitor.arrive(FAMILY.address).text)
    rows = everything(database)
    ids = [str(row["id"]) for table, row in rows if table in ("customer", "visit", "link_request")]
    theirs = [
        *ids,
        BO.address,
        cookie(another_visitor, "ps") or "",
        *(str(row["id"]) for table, row in rows if table == "exposure"),
    ]
    for one in theirs:
        names = ("id", "account", "customer", "customer_id", "email", "visit", "public_id", "ps")
        asked = "&".join(f"{name}={one}" for name in names)
        assert read(visitor.get(f"/status?{asked}", X_Account=one, X_Customer=one).text) == mine


@requirement("SES-09")
def test_no_page_takes_the_id_of_anything_but_a_file(portal: Flask) -> None:
    rules = [rule for rule in portal.url_map.iter_rules() if not rule.rule.startswith(("/static/", "/dev/", "/gate/"))]
    assert [rule.rule for rule in rules if rule.arguments] == []


@requirement("SES-09")
def test_ids_are_random(database: Database) -> None:
    ids = [row["id"] for table, row in everything(database) if table == "customer"]
    assert all(one.version == 7 for one in ids)
    assert len({one.int & (2**62 - 1) for one in ids}) == len(ids)


@requirement("EML-06")
def test_accounts_at_one_address_share_one_letter_one_visit_and_one_page(
    visitor: Visitor, work: Callable[[], None], database: Database
) -> None:
    page = visitor.arrive(FAMILY.address).text
    assert len(visitor.mailbag(FAMILY.address)) == 1
    assert len([table for table, _ in everything(database) if table == "visit"]) == 1
    assert page.count('<section class="answer ') == 3
    blocks = page.split('<section class="answer ')[1:]
    said = [
        (one.split('"')[0], brand)
        for one in blocks
        for brand in ("Stagelight UK", "SeatSwap", "TicketLane")
        if brand in one.split("</section>")[0]
    ]
    assert said == [
        ("answer--affected", "Stagelight UK"),
        ("answer--not-affected", "SeatSwap"),
        ("answer--unknown", "TicketLane"),
    ]
    assert "3 accounts" in page


@requirement("EML-06")
def test_a_letter_to_an_address_with_several_accounts_is_like_any_other(
    visitor: Visitor, another_visitor: Visitor
) -> None:
    visitor.ask(FAMILY.address)
    another_visitor.ask(BO.address)
    many, one = visitor.letter(FAMILY.address), another_visitor.letter(BO.address)
    assert many.subject == one.subject
    assert len(many.plain) == len(one.plain)
    assert len(many.html) == len(one.html)
