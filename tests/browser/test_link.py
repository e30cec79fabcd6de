"""The letter's link in a real browser: its secret leaves the address bar at once, and this machine once, in a form."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import walks
from tests.browser.site import Site
from tests.cast import AMARA, BO
from tests.letters import Letter
from tests.requirements import requirement
from tests.servers.browser import Findings, NewContext
from tests.servers.waiting import until

OPENED = "/v?lang=en"  # what is left of a letter's link once its secret is taken away
KEPT = "Object.values(sessionStorage).join()"
# What the address bar held when the page was read, and when its form was sent.
WATCH = """
document.addEventListener("DOMContentLoaded", () => console.info("read " + location.href));
addEventListener("submit", () => console.info("sent " + location.href), true);
"""


@pytest.fixture
def letter(site: Site, page: Page) -> Letter:
    """A letter that this page's browser asked for."""
    return walks.ask(page, site, site.someone_like(AMARA))


@requirement("LNK-06")
def test_the_secret_leaves_the_address_bar_before_the_page_asks_for_anything(
    site: Site, page: Page, letter: Letter
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "info" else None)
    page.add_init_script(WATCH)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(letter.link)
    expect(page.get_by_text("Your link is here")).to_be_visible()
    assert [url for url in asked[1:] if "/static/" not in url] == []
    walks.press(page, "Continue")
    page.wait_for_url("**/status")
    assert said == [f"read {site.at(OPENED)}", f"sent {site.at(OPENED)}", f"read {site.at('/status')}"]
    page.go_back()
    assert page.url == site.at(OPENED)


@requirement("LNK-06")
def test_the_link_is_kept_over_a_reload_until_it_is_sent(page: Page, letter: Letter) -> None:
    page.goto(letter.link)
    assert letter.token in page.evaluate(KEPT)
    page.reload()
    expect(page.get_by_text("Your link is here")).to_be_visible()
    walks.press(page, "Continue")
    page.wait_for_url("**/status")
    assert page.evaluate(KEPT) == ""


@requirement("LNK-06")
def test_a_link_pasted_into_the_open_page_leaves_the_address_bar_too(site: Site, page: Page, letter: Letter) -> None:
    page.goto(site.at(OPENED))
    page.goto(letter.link)
    expect(page.get_by_text("Your link is here")).to_be_visible()
    assert page.url == site.at(OPENED)


def report_as_older_browsers_do(route: Route) -> None:
    """Chromium sends reports of the newer kind over TLS only, where nobody could read along."""
    if route.request.method != "GET":
        return route.continue_()
    answer = route.fetch()
    policy = answer.headers["content-security-policy"].removesuffix("; report-to csp")
    return route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})


@requirement("LNK-05")
def test_the_secret_crosses_the_wire_once_in_the_form_that_a_person_sends(
    plain_site: Site, new_context: NewContext, findings: Findings
) -> None:
    site, page = plain_site, new_context().new_page()
    letter = walks.ask(page, site, site.someone_like(BO))
    page.route(f"**{OPENED}", report_as_older_browsers_do)
    page.goto(letter.link)
    assert page.evaluate("() => { try { document.body.innerHTML = '' } catch (error) { return error.name } }")
    until(lambda: b"POST /r/csp " in site.tap.sent, "a report about that")
    walks.press(page, "Continue")
    page.wait_for_url("**/status")
    page.get_by_role("link", name="Questions and answers").first.click()
    page.wait_for_url("**/faq")
    sent, secret = bytes(site.tap.sent), letter.token.encode()
    assert sent.count(secret) == 1
    assert re.search(rb"\r\n\r\npublic_id=%b&token=%b(&|$)" % (letter.public_id.encode(), secret), sent)
    assert b"Referer: " in sent
    assert secret not in site.tap.answered
    assert letter.token not in site.log()
    findings.faults.clear()
