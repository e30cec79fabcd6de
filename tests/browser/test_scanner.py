"""A mail scanner opens every link, runs the scripts, presses every button and sends every form: nothing is used up."""

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from portal.identity import links
from portal.identity.links import LinkRequest
from portal.mail.suppressions import Suppression
from tests.browser import walks
from tests.browser.engines import both_engines
from tests.browser.site import Site
from tests.cast import AMARA
from tests.requirements import requirement
from tests.servers.browser import NewContext
from tests.servers.waiting import until

BUTTONS = "main button, main input[type=submit]"
# As a program would, past all that a page's own scripts say about it.
SEND_FORM = "number => HTMLFormElement.prototype.submit.call(document.forms[number])"
EVERY_CLICK = "document.querySelectorAll('main button, main input').forEach(one => one.click())"


def scan(scanner: BrowserContext, link: str) -> None:
    """Do to a link's page all that a program can do without the code, and again on the page that follows."""
    page = open_anew(scanner, link)
    buttons, forms = page.locator(BUTTONS).count(), page.evaluate("document.forms.length")
    assert buttons
    assert forms
    leave(page, EVERY_CLICK)
    for number in range(buttons):
        page = open_anew(scanner, link)
        with page.expect_navigation():
            page.locator(BUTTONS).nth(number).click()
        leave(page, EVERY_CLICK)
    for number in range(forms):
        leave(open_anew(scanner, link), f"({SEND_FORM})({number})")


def open_anew(scanner: BrowserContext, link: str) -> Page:
    """The link in a window of its own."""
    page = scanner.new_page()
    page.goto(link)
    return page


def leave(page: Page, act: str) -> None:
    """Do something that leads to another page, and close that one."""
    with page.expect_navigation():
        page.evaluate(act)
    expect(page.locator("h1")).to_be_visible()
    page.close()


def state(site: Site, public_id: str) -> tuple[str, int, int]:
    """What has become of a request: its state, the wrong codes counted, and how many mailboxes want no letters."""
    with site.database.read() as session:
        request = session.scalars(select(LinkRequest).where(LinkRequest.public_id == public_id)).one()
        refusing = session.scalar(select(func.count()).select_from(Suppression))
        return request.state, request.code_tries, refusing or 0


@both_engines
@requirement("LNK-09")
@requirement("LNK-19")
def test_a_scanner_gains_nothing_and_uses_nothing_up(site: Site, page: Page, new_context: NewContext) -> None:
    letter = walks.ask(page, site, site.someone_like(AMARA))
    until(lambda: state(site, letter.public_id)[0] == links.SENT, "the letter's handing over")
    before = state(site, letter.public_id)
    scanner = new_context()
    for link in (letter.link, letter.stop_link):
        scan(scanner, link)
    assert state(site, letter.public_id) == before
    assert before[1] == 0
    assert [cookie["name"] for cookie in scanner.cookies()] == []
    walks.prove(page, letter)
    expect(page.get_by_role("heading", name="Your answer")).to_be_visible()


@requirement("LNK-09")
def test_after_a_scanner_the_code_still_helps_on_another_device(
    site: Site, page: Page, new_context: NewContext
) -> None:
    letter = walks.ask(page, site, site.someone_like(AMARA))
    scan(new_context(), letter.link)
    phone = new_context().new_page()
    phone.goto(letter.link)
    walks.press(phone, "Continue")
    phone.get_by_label("Code from the letter").fill(letter.code.lower())
    walks.press(phone, "Continue")
    phone.wait_for_url("**/status")
