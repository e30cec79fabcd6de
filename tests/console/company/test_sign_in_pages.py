"""The way in through the company's sign-in in a real Chromium, which is sent to another site and back over TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.database import Database
from portal.sealing import KeyRing
from tests.console.desk import Desk, give_device, opened
from tests.requirements import requirement
from tests.servers.browser import Findings, NewContext
from tests.servers.certificates import Certificates
from tests.servers.company import Company
from tests.servers.relay import Relay

ELSEWHERE = "console: Failed to load resource: net::ERR_NAME_NOT_RESOLVED"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def desk(
    tmp_path: Path,
    database: Database,
    keys: KeyRing,
    relay: Relay,
    certificates: Certificates,
    company: Company,
) -> Iterator[Desk]:
    """An installation with a console and the company's sign-in, which is on this machine, so in development."""
    yield from opened(tmp_path, database, keys, relay, certificates, environment="development", **company.settings)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


@requirement("STF-02")
@requirement("STF-03")
def test_out_to_the_company_and_back_with_strict_cookies_and_then_a_passkey(
    desk: Desk, company: Company, new_context: NewContext, findings: Findings
) -> None:
    page = new_context(ignore_https_errors=True).new_page()
    give_device(page)
    desk.invite("chen", "agent")
    weak, strong = company.employ("chen", account="by password", amr=["pwd"]), company.employ("chen")
    page.goto(desk.at("/staff/enter"))
    for account in (weak, strong):
        press(page, "Sign in through your company")
        page.get_by_placeholder("sub").fill(account)
        press(page, "Authorize")
        if account == weak:
            expect(page.get_by_role("alert")).to_contain_text("did not let you in")
    expect(page.get_by_role("heading", name="My passkeys")).to_be_visible()
    assert page.url == desk.at("/staff/passkeys?lang=en") or page.url == desk.at("/staff/passkeys")
    held = {cookie["name"]: cookie["sameSite"] for cookie in page.context.cookies(desk.origin)}
    assert held == {"__Host-ss": "Strict"}
    page.get_by_label("A name for this device").fill("laptop")
    press(page, "Make a passkey")
    expect(page.get_by_text("laptop")).to_be_visible()
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_text("You are signed in through your company")).to_be_visible()
    # The other site's pages are not ours to inspect: they have styles of their own, and want some from elsewhere.
    findings.faults = [fault for fault in findings.faults if not fault.startswith(("/oauth2/", ELSEWHERE))]
    for log in desk.installation.instance.glob("*.log"):
        assert not any(secret in log.read_text() for secret in ("eyJ", "code=", "state=", "chen@"))
