"""The tour: every page that a customer can meet, one after the other, in the state in which they meet it."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser import help_tour, walks
from tests.browser.site import WAITING, Site
from tests.cast import AMARA, BO

INFORMATION = ("/", "/faq", "/updates", "/real-messages", "/help", "/sent", "/v", "/revoke", "/leave", "/nowhere")
WRONG_CODE = "0000-0000"
# The name of each page as the tour comes by.
Stop = str


def stops(page: Page, site: Site) -> Iterator[Stop]:
    """Open one page after the other; whoever takes the tour looks at `page` at each stop."""
    for path in INFORMATION:
        page.goto(site.at(path))
        yield path
    page.goto(site.at("/"))
    page.get_by_label("Your email address").fill("amara at mail.example")
    walks.press(page, "Send me the letter")
    yield "/start, refused"
    yield from _proving(page, site)
    yield "/status, affected"
    page.goto(site.at("/leave"))
    yield "/leave, before"
    walks.press(page, "End my visit")
    page.wait_for_url("**/leave")
    yield "/leave, after"
    for name, person in (("/status, not affected", BO), ("/status, waiting", WAITING)):
        walks.arrive(page, site, person)
        yield name
    yield from _stopping(page, site)
    yield from help_tour.stops(page, site)


def _proving(page: Page, site: Site) -> Iterator[Stop]:
    letter = walks.ask(page, site, site.someone_like(AMARA))
    page.context.clear_cookies()  # as in the browser of a mail program
    page.goto(letter.link)
    yield "/v, with the link"
    walks.press(page, "Continue")
    yield "/v, opened elsewhere"
    page.get_by_label("Code from the letter").fill(letter.code)
    walks.press(page, "Continue")
    page.wait_for_url("**/status")


def _stopping(page: Page, site: Site) -> Iterator[Stop]:
    letter = walks.ask(page, site, site.someone_like(BO))
    page.goto(letter.stop_link)
    yield "/revoke, with the link"
    page.get_by_label("Code from the letter").fill(WRONG_CODE)
    walks.press(page, "Stop these letters for a day")
    yield "/revoke, refused"
    page.get_by_label("Code from the letter").fill(letter.code)
    walks.press(page, "Stop these letters for a day")
    yield "/revoke, stopped"
    walks.press(page, "Let letters come again")
    yield "/revoke, undone"
