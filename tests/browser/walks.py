"""What a person does at the pages, in the words of the pages."""

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.cast import Person
from tests.letters import Letter


def press(page: Page, button: str) -> None:
    """Press the button with these words."""
    page.get_by_role("button", name=button, exact=True).click()


def ask(page: Page, site: Site, address: str) -> Letter:
    """Ask on the first page, and fetch the letter from the mailbox."""
    page.goto(site.at("/"))
    page.get_by_label("Your email address").fill(address)
    press(page, "Send me the letter")
    page.wait_for_url("**/sent")
    return site.letter(address)


def prove(page: Page, letter: Letter) -> None:
    """Open the letter's link and press the button."""
    page.goto(letter.link)
    press(page, "Continue")
    page.wait_for_url("**/status")


def arrive(page: Page, site: Site, person: Person) -> Letter:
    """The whole way to the answer of somebody like this person; returns the letter."""
    letter = ask(page, site, site.someone_like(person))
    prove(page, letter)
    return letter
