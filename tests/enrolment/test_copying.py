"""The copy button, in a real browser: it copies, says so, and without it the code can still be marked."""

from datetime import date
from pathlib import Path

from playwright.sync_api import expect

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import settle
from tests.enrolment.bench import crowd, some_codes, stock_up
from tests.enrolment.race import FAR, lasting_incident, let_in
from tests.requirements import requirement
from tests.servers.browser import NewContext
from tests.servers.processes import Install

LAST_DAY = date.fromisoformat(FAR)


@requirement("USE-07", "WEB-04")
def test_the_button_copies_the_code_and_says_so(
    install: Install, tmp_path: Path, database: Database, keys: KeyRing, new_context: NewContext
) -> None:
    people = crowd(1)
    settle(database, keys, *people)
    stock_up(database, keys, some_codes(1), expires=LAST_DAY)
    portal = install(incident=lasting_incident(tmp_path))
    portal.web()
    [guest] = let_in(database, keys, people, [portal.origin])
    context = new_context()
    context.grant_permissions(["clipboard-write"], origin=portal.origin)
    context.add_cookies([{"name": "ps", "value": guest.cookie, "url": portal.origin}])
    page = context.new_page()
    page.goto(portal.origin + "/code")
    page.get_by_role("button", name="Show my code").click()
    page.get_by_role("button", name="Copy the code").click()
    expect(page.get_by_role("status")).to_have_text("The code is copied.")
    # No page of ours may read the clipboard, so a person pastes it somewhere.
    page.goto(portal.origin + "/")
    page.locator("input[name=email]").press("Control+V")
    expect(page.locator("input[name=email]")).to_have_value(some_codes(1)[0])
