"""The page for a new password: friends with password managers, with paste, and with people who cannot see the dots."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA, EMRE, settle
from tests.requirements import requirement
from tests.reset.bench import NEW, form_on, said_of, set_password
from tests.reset.crowd import admit, gather
from tests.servers.browser import NewContext
from tests.servers.ground import StillClock
from tests.servers.processes import Install, Installation
from tests.visitor import Visitor


@requirement("PWD-05")
def test_the_field_is_one_that_password_managers_know(emre: Visitor) -> None:
    page = emre.get("/password").text
    field = next(part for part in page.split("<input") if 'name="password"' in part).partition(">")[0]
    for wanted in ('type="password"', 'autocomplete="new-password"', 'spellcheck="false"', 'autocapitalize="none"'):
        assert wanted in field
    for unwanted in ("maxlength", "pattern", "onpaste", "readonly", "value="):
        assert unwanted not in field


@requirement("PWD-05")
def test_password_managers_find_the_address_beside_it_and_it_is_never_sent(emre: Visitor) -> None:
    for page in (emre.get("/password"), set_password(emre, "short")):
        [field] = [part.partition(">")[0] for part in page.text.split("<input") if 'autocomplete="username"' in part]
        assert f'value="{EMRE.address}"' in field
        assert "hidden" in field.split()
        assert "name=" not in field
        assert page.text.count(EMRE.address) == 1


def test_between_two_accounts_the_page_says_which_one_is_done(cast: None, visitor: Visitor) -> None:
    visitor.arrive(AMARA.address)
    first = visitor.get("/password")
    assert "Your new password is set" not in first.text
    done, ahead = ("SeatSwap", "Stagelight UK") if "SeatSwap" in first.text else ("Stagelight UK", "SeatSwap")
    form_on(first).send(visitor, NEW)
    second = visitor.get("/password").text
    assert f"Your new password is set: {done}." in second
    assert f"Your old password for {ahead} may be known to others." in second


@requirement("USE-05")
def test_a_refusal_says_what_to_do_and_links_to_the_field(emre: Visitor) -> None:
    page = set_password(emre, "short").text
    assert 'href="#password"' in page
    assert "Use 15 characters or more" in page


def test_who_has_no_password_is_told_so_and_goes_on(portal: Flask, visitor: Visitor, without_passwords: None) -> None:
    visitor.arrive(EMRE.address)
    page = visitor.get("/password")
    assert "There is no password to change" in page.text
    assert 'href="/next"' in page.text
    assert visitor.get("/next").location == "/code"


def test_who_was_not_affected_may_set_one_and_need_not(cast: None, visitor: Visitor) -> None:
    visitor.arrive("bo@mail.example")
    assert visitor.get("/next").location == "/done"
    page = visitor.get("/password")
    assert "You need not do this." in page.text
    assert form_on(page).send(visitor, NEW).location == "/next"
    assert visitor.get("/next").location == "/done"


@requirement("PWD-12")
def test_an_account_has_another_name_in_each_visit(emre: Visitor, clock: StillClock) -> None:
    first = form_on(emre.get("/password")).account
    assert form_on(emre.get("/password")).account == first
    emre.act("/status", "/leave")
    clock.move(minutes=2)
    emre.arrive(EMRE.address)
    assert form_on(emre.get("/password")).account != first


def test_whose_duty_is_done_may_set_another_and_the_oldest_comes_first(
    cast: None, visitor: Visitor, clock: StillClock
) -> None:
    visitor.arrive(AMARA.address)
    seen = []
    for number in range(4):
        clock.move(seconds=1)
        page = visitor.get("/password")
        seen.append("password for SeatSwap" in page.text)
        assert form_on(page).send(visitor, f"{NEW} number {number}").location == "/next", said_of(page)
    assert seen[:2] == seen[2:]
    assert sorted(seen) == [False, False, True, True]


@pytest.fixture
def without_passwords(database: Database, keys: KeyRing) -> None:
    """Let emre have moved in without a password in the store."""
    settle(database, keys, EMRE)


@pytest.fixture
def site(install: Install) -> Installation:
    """A web process whose hashing is the quicker of the two."""
    site = install(hashing="surge", log_level="ERROR")
    site.web()
    return site


@pytest.fixture
def shown(site: Installation, database: Database, keys: KeyRing, new_context: NewContext) -> Page:
    """The page in a real browser, of somebody who has proved an address."""
    [caller] = admit(database, keys, gather(database, keys, 1), site.origin)
    context = new_context()
    context.add_cookies([{"name": "ps", "value": caller.cookie, "url": site.origin}])
    page = context.new_page()
    page.goto(f"{site.origin}/password")
    return page


@requirement("PWD-05")
@requirement("WEB-04")
def test_in_a_browser_it_can_be_pasted_shown_and_is_judged_in_words(shown: Page) -> None:
    field = shown.locator("input[name=password]")
    expect(field).to_have_attribute("type", "password")
    field.focus()
    shown.keyboard.insert_text("tin boats")  # as a paste does: at once, without keys
    expect(shown.locator("[role=status]", has_text="Too short so far (9)")).to_be_visible()
    shown.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("tin boats")
    shown.get_by_role("button", name="Hide password").click()
    expect(field).to_have_attribute("type", "password")
    field.focus()
    shown.keyboard.press("End")
    shown.keyboard.insert_text(" drift north ☂")
    expect(shown.locator("[role=status]", has_text="Long enough (23)")).to_be_visible()
    shown.locator("form[action='/password'] button[type=submit]").click()
    shown.wait_for_url("**/done")
    expect(shown.locator("h1")).to_have_text("You are done")
