"""The whole way without script: by pasting the letter's link, or by typing its code."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walks
from tests.browser.engines import both_engines
from tests.browser.site import Site
from tests.cast import AMARA, BO
from tests.requirements import requirement
from tests.servers.browser import NewContext

ANSWER = "Your account was part of the incident"


@pytest.fixture
def plain_page(new_context: NewContext) -> Page:
    """A page of a browser that runs no script."""
    return new_context(java_script_enabled=False).new_page()


@both_engines
@requirement("LNK-27")
@requirement("WEB-12")
def test_amara_pastes_the_link(site: Site, plain_page: Page) -> None:
    letter = walks.ask(plain_page, site, site.someone_like(AMARA))
    plain_page.goto(letter.link)
    plain_page.get_by_label("Link from the letter").fill(letter.link)
    walks.press(plain_page, "Continue")
    plain_page.wait_for_url("**/status")
    expect(plain_page.get_by_text(ANSWER).first).to_be_visible()
    walks.press(plain_page, "End my visit")
    expect(plain_page.get_by_role("heading", name="Your visit has ended")).to_be_visible()


@requirement("LNK-27")
def test_a_link_that_a_mail_gateway_rewrote_is_understood(site: Site, plain_page: Page) -> None:
    letter = walks.ask(plain_page, site, site.someone_like(AMARA))
    plain_page.goto(site.at("/v"))
    rewritten = f"https://gateway.example/?url={quote(letter.link, safe='')}&data=05"
    plain_page.get_by_label("Link from the letter").fill(rewritten)
    walks.press(plain_page, "Continue")
    plain_page.wait_for_url("**/status")


@requirement("WEB-12")
def test_bo_types_the_code_where_he_asked(site: Site, plain_page: Page) -> None:
    letter = walks.ask(plain_page, site, site.someone_like(BO))
    plain_page.get_by_label("Code from the letter").fill(letter.code)
    walks.press(plain_page, "Open my answer")
    plain_page.wait_for_url("**/status")
    expect(plain_page.get_by_text("Your account was not part of the incident")).to_be_visible()


@requirement("LNK-27")
def test_link_and_code_open_the_answer_on_a_device_that_did_not_ask(
    site: Site, page: Page, new_context: NewContext
) -> None:
    letter = walks.ask(page, site, site.someone_like(AMARA))
    elsewhere = new_context(java_script_enabled=False).new_page()
    elsewhere.goto(letter.link)
    elsewhere.get_by_label("Link from the letter").fill(letter.link)
    walks.press(elsewhere, "Continue")
    expect(elsewhere.get_by_role("heading", name="One more step: type the code")).to_be_visible()
    elsewhere.get_by_label("Code from the letter").fill(letter.code)
    walks.press(elsewhere, "Continue")
    elsewhere.wait_for_url("**/status")


@requirement("WEB-12")
def test_an_address_that_cannot_be_read_is_asked_for_again(site: Site, plain_page: Page) -> None:
    plain_page.goto(site.at("/"))
    plain_page.get_by_label("Your email address").fill("amara at mail.example")
    walks.press(plain_page, "Send me the letter")
    expect(plain_page.get_by_role("heading", name="Check your email address")).to_be_visible()
    expect(plain_page.get_by_label("Your email address")).to_have_value("amara at mail.example")
