"""The console in a real Chromium, whose own device registers a passkey, signs in, and is asked again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import update

from portal.database import Database
from portal.members.member import Member
from portal.members.sessions import MemberSession
from portal.sealing import KeyRing
from tests.browser.test_access import LOOKS, is_wider_than_the_screen, violations
from tests.cast import EMRE, settle
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
    press(pages["dilys"], "Propose it")
    expect(pages["dilys"].get_by_role("button", name="Withdraw")).to_be_visible()
    let_the_passkeys_grow_stale(desk)
    pages["emre"].goto(desk.at("/staff/approvals"))
    pages["emre"].get_by_role("link", name="Let a member begin anew").click()
    press(pages["emre"], "Approve")
    expect(pages["emre"].get_by_role("button", name="Approve")).not_to_be_visible()
    pages["chen"].goto(desk.link("chen", letters=2))
    press(pages["chen"], "Continue")
    expect(pages["chen"].get_by_role("heading", name="Make your passkey")).to_be_visible()


def find_and_uncover(page: Page, desk: Desk, look: Callable[[str], None]) -> None:
    """An agent's pages: search, find, read, uncover with the passkey, act."""
    page.goto(desk.at("/staff/search"))
    look("search")
    press(page, "Search")
    look("search, refused")
    page.get_by_label("Whole email address").check()
    page.get_by_label("All of it, exactly").fill(EMRE.address)
    page.get_by_label("Why").select_option("customer-asked")
    press(page, "Search")
    look("found")
    page.get_by_role("link", name="…e-0").click()
    look("record")
    let_the_passkeys_grow_stale(desk)
    page.reload()
    page.locator("#uncover-reason").select_option("second-look")
    press(page, "Uncover it")
    expect(page.get_by_text(EMRE.address)).to_be_visible()
    page.locator("#act-reason").select_option("customer-wants")
    press(page, "Stop letters for 30 days")
    expect(page.get_by_role("button", name="Let letters go out again")).to_be_visible()
    press(page, "Require a new password")
    look("record, refused")


@requirement("STF-06")
@requirement("STF-08")
def test_every_page_of_the_console_is_open_to_everybody(desk: Desk, page: Page, keys: KeyRing) -> None:
    faults: list[str] = []
    settle(desk.database, keys, EMRE)

    def look(name: str) -> None:
        page.evaluate(Axe().axe_script)
        for look_name, (media, size, rules) in LOOKS.items():
            page.emulate_media(**media)
            page.set_viewport_size(size)
            faults.extend(f"{name}, {look_name}: {fault}" for fault in violations(page, rules))
            faults.extend([f"{name}, {look_name}: sideways"] if is_wider_than_the_screen(page) else [])

    page.goto(desk.at("/staff/enter"))
    look("enter")
    page.goto(desk.at("/staff/join"))
    look("join without a link")
    join(page, desk, "dilys", "admin", "auditor", "agent")
    find_and_uncover(page, desk, look)
    for path in ("/staff", "/staff/members", "/staff/trail", "/staff/lookups", "/staff/passkeys", "/staff/nowhere"):
        page.goto(desk.at(path))
        look(path)
    desk.invite("chen", "agent")
    page.goto(desk.at("/staff/members"))
    page.get_by_role("link", name="chen").click()
    look("member")
    page.goto(desk.at("/staff/members"))
    press(page, "Invite")
    look("invite, refused")
    assert faults == [], "\n".join(faults)
