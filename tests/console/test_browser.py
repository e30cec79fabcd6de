"""The console in a real Chromium, whose own device registers a passkey, signs in, and is asked again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from portal.database import Database
from portal.members.member import Member
from portal.members.sessions import MemberSession
from portal.sealing import KeyRing
from tests.console.desk import Desk, give_device, opened
from tests.requirements import requirement
from tests.servers.browser import NewContext
from tests.servers.certificates import Certificates
from tests.servers.relay import Relay

# What is stored is tested on both engines elsewhere; the browser sees no difference.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def desk(tmp_path: Path, database: Database, keys: KeyRing, relay: Relay, certificates: Certificates) -> Iterator[Desk]:
    """An installation with a console."""
    yield from opened(tmp_path, database, keys, relay, certificates)


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A browser with a device."""
    opened_page = new_context(ignore_https_errors=True).new_page()
    give_device(opened_page)
    return opened_page


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def join(page: Page, desk: Desk, name: str, *roles: str) -> None:
    """From the letter's link to the first page."""
    page.goto(desk.invite(name, *roles))
    press(page, "Continue")
    page.get_by_label("A name for this device").fill("laptop")
    press(page, "Make a passkey")
    expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()


def let_the_passkeys_grow_stale(desk: Desk) -> None:
    with desk.database.write() as session:
        session.execute(update(MemberSession).values(stepped_up_at=None))


@requirement("STF-02")
@requirement("STF-03")
def test_a_passkey_is_made_opens_the_door_and_is_asked_for_again(desk: Desk, page: Page) -> None:
    join(page, desk, "dilys", "admin", "auditor")
    assert page.url == desk.at("/staff?lang=en")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert set(cookies) == {"__Host-ss"}
    assert (cookies["__Host-ss"]["httpOnly"], cookies["__Host-ss"]["sameSite"]) == (True, "Strict")
    press(page, "Sign out dilys")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.context.cookies() == []
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", name="Hello, dilys")).to_be_visible()

    desk.invite("chen", "agent")
    let_the_passkeys_grow_stale(desk)
    page.goto(desk.at("/staff/members"))
    page.get_by_role("link", name="chen").click()
    press(page, "Shut them out now")
    expect(page.get_by_role("button", name="Let them in again")).to_be_visible()
    with desk.database.read() as session:
        assert [person.name for person in session.query(Member) if person.disabled_at] == ["chen"]
        assert [held.stepped_up_at is not None for held in session.query(MemberSession) if not held.ended_at] == [True]


@requirement("STF-02")
def test_a_device_without_a_passkey_of_ours_opens_nothing(desk: Desk, page: Page, new_context: NewContext) -> None:
    page.goto(desk.invite("chen", "agent"))
    press(page, "Continue")
    page.get_by_label("A name for this device").fill("laptop")
    press(page, "Make a passkey")
    page.wait_for_url("**/staff?lang=en")
    stranger = new_context(ignore_https_errors=True).new_page()
    give_device(stranger)
    stranger.goto(desk.at("/staff/enter"))
    press(stranger, "Sign in with a passkey")
    expect(stranger.get_by_role("alert")).to_have_text(
        "That did not work, or you stopped it. Press the button once more."
    )


@requirement("STF-02")
@requirement("STF-05")
def test_one_member_proposes_and_another_approves(desk: Desk, page: Page, new_context: NewContext) -> None:
    pages = {"dilys": page}
    for name in ("emre", "chen"):
        pages[name] = new_context(ignore_https_errors=True).new_page()
        give_device(pages[name])
    for name, role in (("dilys", "admin"), ("emre", "approver"), ("chen", "agent")):
        join(pages[name], desk, name, role)
    pages["dilys"].goto(desk.at("/staff/members"))
    pages["dilys"].get_by_role("link", name="chen").click()
    pages["dilys"].get_by_label("Why").select_option("device-lost")
    press(pages["dilys"], "Propose it")
    expect(pages["dilys"].get_by_role("button", name="Withdraw")).to_be_visible()
    let_the_passkeys_grow_stale(desk)
    pages["emre"].goto(desk.at("/staff/approvals"))
    pages["emre"].get_by_role("link", name="Let a member begin anew").click()
    pages["emre"].get_by_label("Why").first.select_option("contents-checked")
    press(pages["emre"], "Approve")
    expect(pages["emre"].get_by_role("button", name="Approve")).not_to_be_visible()
    pages["chen"].goto(desk.link("chen", letters=2))
    press(pages["chen"], "Continue")
    expect(pages["chen"].get_by_role("heading", name="Make your passkey")).to_be_visible()
