"""By the keyboard alone, besides the whole journey: the way around on a page."""

from playwright.sync_api import Page, expect

from tests.browser import walks
from tests.browser.hands import Keyboard
from tests.browser.site import Site
from tests.cast import BO


def test_bo_finds_the_other_ways_on_and_the_end(site: Site, page: Page) -> None:
    walks.arrive(page, site, BO)
    keyboard = Keyboard(page)
    keyboard.move_to(page.get_by_role("link", name="Check another address"))
    keyboard.move_to(page.get_by_role("button", name="End my visit"))
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Your visit has ended")).to_be_visible()


def test_the_first_press_of_tab_offers_to_skip_to_the_text(site: Site, page: Page) -> None:
    page.goto(site.at("/"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
