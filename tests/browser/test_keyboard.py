"""The whole way by the keyboard alone, with the place of the focus in sight at each step."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site
from tests.cast import AMARA

FARTHEST = 40
# How an element looks that matters for seeing where one is: outline, ring and ground.
LOOK = """element => { const look = getComputedStyle(element);
  return [look.outlineStyle, look.outlineWidth, look.boxShadow, look.backgroundColor, look.borderColor].join() }"""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it shows."""
    before = target.evaluate(LOOK)
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(LOOK) != before, "nothing shows where the focus is"
            return
    raise AssertionError(f"{target} cannot be reached by the keyboard")


def test_amara_goes_the_whole_way_by_the_keyboard(site: Site, page: Page) -> None:
    address = site.someone_like(AMARA)
    page.goto(site.at("/"))
    tab_to(page, page.get_by_label("Your email address"))
    page.keyboard.type(address)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent")
    page.goto(site.letter(address).link)
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/status")
    tab_to(page, page.get_by_role("link", name="Check another address"))
    tab_to(page, page.get_by_role("button", name="End my visit"))
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
