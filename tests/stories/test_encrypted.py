"""The story over TLS, with production settings, in a real browser and over the wire."""

from playwright.sync_api import Page, expect

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA, settle
from tests.letters import at_relay
from tests.requirements import requirement
from tests.servers.browser import NewContext
from tests.servers.processes import Install
from tests.servers.relay import Relay


@requirement("SES-01")
def test_amara_reads_her_answer_over_tls(
    install: Install, relay: Relay, new_context: NewContext, database: Database, keys: KeyRing
) -> None:
    settle(database, keys)
    portal = install(tls=True, environment="production")
    portal.web()
    portal.worker()
    page = new_context(ignore_https_errors=True).new_page()
    page.goto(portal.origin + "/")
    page.locator("input[name=email]").fill(AMARA.address)
    page.locator("form[action='/start'] button").click()
    page.wait_for_url("**/sent")
    page.goto(portal.visitor(at_relay(relay)).letter(AMARA.address).link)
    press(page)
    page.wait_for_url("**/status")
    expect(page.locator("h1")).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert set(cookies) == {"__Host-ps"}
    kept = cookies["__Host-ps"]
    assert (kept["secure"], kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, True, "Strict", "/")


def press(page: Page) -> None:
    """Press the one button of the link page, which its script has made ready."""
    assert page.url.endswith("/v?lang=en")
    page.locator("form[action^='/v'] button:visible").first.click()


@requirement("ENG-01")
def test_bo_reads_his_answer_over_the_wire(install: Install, relay: Relay, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    portal = install(tls=True, environment="production")
    portal.web()
    portal.worker()
    answer = portal.visitor(at_relay(relay)).arrive("bo@mail.example")
    assert answer.status == 200
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
