"""The tour of writing to us: with nothing but a browser, and from a proven visit."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser import walks
from tests.browser.site import Site
from tests.cast import AMARA

Stop = str


def stops(page: Page, site: Site) -> Iterator[Stop]:
    """Write, lose nothing, come back with number and phrase; then write about an account."""
    page.goto(site.at("/help"))
    walks.press(page, "Send")
    yield "/help, refused"
    yield from _written(page)
    yield from _returned(page, site)
    walks.arrive(page, site, AMARA)
    page.get_by_role("link", name="This answer seems wrong, or I need help").click()
    page.get_by_label("Stagelight UK").check()
    page.get_by_label("The answer about my account is wrong").check()
    page.get_by_label("What happened?").fill("More was copied: my telephone number, too.")
    walks.press(page, "Send")
    page.wait_for_url("**/help/mine/opened")
    page.goto(site.at("/help/mine"))
    yield "/help/mine"
    walks.press(page, "Give me words for the phone")
    yield "/help/words"
    page.goto(site.at("/status"))
    yield "/status, disputed"


def _written(page: Page) -> Iterator[Stop]:
    page.get_by_label("I cannot get into my mailbox any more").check()
    page.get_by_label("What happened?").fill("I left my school, and " + "o" * 120 + ", the mailbox is gone.")
    walks.press(page, "Send")
    page.wait_for_url("**/help/opened")
    yield "/help/opened"


def _returned(page: Page, site: Site) -> Iterator[Stop]:
    number, phrase = (page.locator(".receipt dd").nth(place).inner_text() for place in (0, 1))
    page.goto(site.at("/help/case"))
    page.get_by_label("Number of your message").fill(number)
    page.get_by_label("Your phrase of four words").fill("plum tractor sky nine")
    walks.press(page, "Open my message")
    yield "/help/case, refused"
    page.get_by_label("Number of your message").fill(number.lower())
    page.get_by_label("Your phrase of four words").fill(phrase)
    walks.press(page, "Open my message")
    page.wait_for_url("**/help/case/read")
    yield "/help/case/read"
