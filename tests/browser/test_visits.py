"""Cookies and the end of a visit, in a real browser over TLS with production settings."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import walks
from tests.browser.engines import both_engines
from tests.browser.site import Site
from tests.cast import AMARA
from tests.requirements import requirement

STRICT = {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
# A dot in front of the domain, or a day more than we say, would be another cookie.
SIBLING: Any = {"name": "sibling", "value": "1", "domain": "localhost", "path": "/", "secure": True}
KEEP = "localStorage.setItem('kept', 'x'), sessionStorage.setItem('kept', 'x')"


def kept(context: BrowserContext) -> dict[str, dict[str, object]]:
    """The cookies of a browser, without their values and ends."""
    return {cookie["name"]: {part: cookie[part] for part in STRICT} for cookie in context.cookies()}  # type: ignore[literal-required]


@requirement("SES-01")
def test_cookies_are_ours_alone_and_no_script_can_read_them(site: Site, page: Page) -> None:
    letter = walks.ask(page, site, site.someone_like(AMARA))
    assert kept(page.context) == {"__Host-rq": STRICT}
    walks.prove(page, letter)
    assert kept(page.context) == {"__Host-ps": STRICT}
    assert page.evaluate("document.cookie") == ""


@both_engines
@requirement("SES-06")
def test_leaving_ends_the_visit_and_a_copied_cookie_is_worth_nothing(site: Site, page: Page) -> None:
    walks.arrive(page, site, AMARA)
    copied: Any = page.context.cookies()
    page.context.add_cookies([SIBLING])
    page.evaluate(KEEP)
    walks.press(page, "End my visit")
    expect(page.get_by_role("heading", name="Your visit has ended")).to_be_visible()
    assert set(kept(page.context)) == {"sibling"}
    assert page.evaluate("[localStorage.kept, sessionStorage.kept]") == [None, None]
    page.context.add_cookies(copied)
    page.goto(site.at("/status"))
    assert page.url == site.at("/")


@pytest.mark.parametrize("path", ["/", "/faq"])
def test_after_leaving_pages_still_have_their_looks_and_their_scripts(site: Site, page: Page, path: str) -> None:
    walks.arrive(page, site, AMARA)
    walks.press(page, "End my visit")
    page.wait_for_url("**/leave")
    page.goto(site.at(path))
    assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).backgroundColor") == "rgb(12, 74, 82)"
    assert page.evaluate("document.body.classList.contains('govuk-frontend-supported')")
