"""“I did not ask for this” in a browser: the link and the code stop the letters, and one press lets them come again."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from portal.mail.suppressions import Suppression
from tests.browser import walks
from tests.browser.engines import both_engines
from tests.browser.site import Site
from tests.cast import BO
from tests.letters import Letter
from tests.requirements import requirement
from tests.servers.browser import NewContext

STOP = "Stop these letters for a day"


@pytest.fixture
def letter(site: Site, page: Page) -> Letter:
    """A letter that somebody else asked for, at another browser than ours."""
    return walks.ask(page, site, site.someone_like(BO))


def refusing(site: Site) -> int:
    """How many mailboxes want no letters."""
    with site.database.read() as session:
        return session.scalar(select(func.count()).select_from(Suppression)) or 0


@both_engines
@requirement("LNK-19")
def test_link_and_code_stop_the_letters_and_it_can_be_undone(
    site: Site, page: Page, letter: Letter, new_context: NewContext
) -> None:
    before, owner = refusing(site), new_context().new_page()
    owner.goto(letter.stop_link)
    assert owner.url == site.at("/revoke?lang=en")
    owner.get_by_label("Code from the letter").fill(letter.code)
    walks.press(owner, STOP)
    expect(owner.get_by_role("heading", name="We have stopped the letters")).to_be_visible()
    assert refusing(site) == before + 1
    page.goto(letter.link)
    walks.press(page, "Continue")
    expect(page.get_by_role("heading", name="One more step: type the code")).to_be_visible()
    walks.press(owner, "Let letters come again")
    expect(owner.get_by_role("heading", name="Letters can come again")).to_be_visible()
    assert refusing(site) == before


@requirement("LNK-19")
def test_without_the_code_nothing_is_stopped_and_the_link_is_kept_for_another_try(
    site: Site, letter: Letter, new_context: NewContext
) -> None:
    before, owner = refusing(site), new_context().new_page()
    owner.goto(letter.stop_link)
    walks.press(owner, STOP)
    expect(owner.get_by_role("heading", name="Check the code")).to_be_visible()
    assert refusing(site) == before
    owner.get_by_label("Code from the letter").fill(letter.code)
    walks.press(owner, STOP)
    expect(owner.get_by_role("heading", name="We have stopped the letters")).to_be_visible()


@requirement("LNK-27")
def test_the_letters_can_be_stopped_without_script(site: Site, letter: Letter, new_context: NewContext) -> None:
    owner = new_context(java_script_enabled=False).new_page()
    owner.goto(letter.stop_link)
    owner.get_by_label("Code from the letter").fill(letter.code)
    owner.get_by_label("Link from the letter").fill(letter.stop_link)
    walks.press(owner, STOP)
    expect(owner.get_by_role("heading", name="We have stopped the letters")).to_be_visible()
