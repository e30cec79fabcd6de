"""Every page of the console is open to everybody: in light, dark and set colours, and on a narrow phone."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal import clock
from portal.cases import opening
from portal.cases.opening import Wish
from portal.cases.reasons import Reason
from portal.database import Database
from portal.incident.file import read
from portal.sealing import KeyRing
from tests.browser.test_access import LOOKS, is_wider_than_the_screen, violations
from tests.cast import EMRE, settle
from tests.console.desk import Desk, give_device, opened
from tests.console.test_browser import join, let_the_passkeys_grow_stale, press
from tests.requirements import requirement
from tests.servers.browser import NewContext
from tests.servers.certificates import Certificates
from tests.servers.ground import EXAMPLE
from tests.servers.relay import Relay

pytestmark = [requirement("USE-01"), pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.fixture
def desk(tmp_path: Path, database: Database, keys: KeyRing, relay: Relay, certificates: Certificates) -> Iterator[Desk]:
    """An installation with a console."""
    yield from opened(tmp_path, database, keys, relay, certificates)


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A browser with a device."""
    return sit_down(new_context)


def sit_down(new_context: NewContext) -> Page:
    opened_page = new_context(ignore_https_errors=True).new_page()
    give_device(opened_page)
    return opened_page


def faults_of(page: Page, name: str, looks: Collection[str] = LOOKS) -> list[str]:
    """What is wrong with the page as it is shown now, in every look."""
    page.wait_for_load_state()
    page.evaluate(Axe().axe_script)
    faults: list[str] = []
    for look in looks:
        media, size, rules = LOOKS[look]
        page.emulate_media(**media)
        page.set_viewport_size(size)
        faults.extend(f"{name}, {look}: {fault}" for fault in violations(page, rules))
        faults.extend([f"{name}, {look}: sideways"] if is_wider_than_the_screen(page) else [])
    return faults


def faults_in_dutch(page: Page, *paths: str) -> list[str]:
    """What is wrong with these pages in Dutch, whose words are longer, on a desktop and on a phone."""
    faults: list[str] = []
    for path in paths:
        page.goto(re.sub(r"\?.*|$", "?lang=nl", path, count=1))
        assert page.locator("html").get_attribute("lang") == "nl"
        faults += faults_of(page, f"{path} in Dutch", ("light", "phone"))
    return faults


def go_by_keys(page: Page) -> None:
    """Down and up the desk's two cases, and to its filters; outside the list, no key does anything."""
    first, last = page.locator(".desk__number").all()
    page.keyboard.press("/")
    first.focus()
    for key, focused in (("j", last), ("k", first), ("/", page.locator(".search select").first)):
        page.keyboard.press(key)
        expect(focused).to_be_focused()


def test_the_rooms(desk: Desk, page: Page) -> None:
    page.goto(desk.at("/staff/enter"))
    faults = faults_of(page, "enter")
    page.goto(desk.at("/staff/join"))
    faults += faults_of(page, "join without a link")
    join(page, desk, "dilys", "admin", "auditor")
    for path in ("/staff", "/staff/members", "/staff/trail", "/staff/passkeys", "/staff/nowhere"):
        page.goto(desk.at(path))
        faults += faults_of(page, path)
    desk.invite("chen", "agent")
    page.goto(desk.at("/staff/members"))
    page.get_by_role("link", name="chen").click()
    faults += faults_of(page, "member")
    page.goto(desk.at("/staff/members"))
    press(page, "Invite")
    faults += faults_of(page, "invite, refused")
    faults += faults_in_dutch(page, *map(desk.at, ("/staff", "/staff/members", "/staff/trail", "/staff/passkeys")))
    assert faults == [], "\n".join(faults)


def test_joining_codes_and_approvals(desk: Desk, page: Page, new_context: NewContext) -> None:
    page.goto(desk.invite("dilys", "admin", codes=True))
    faults = faults_of(page, "join")
    press(page, "Continue")
    faults += faults_of(page, "make a passkey")
    press(page, "My device makes no passkeys yet")
    press(page, "Continue")
    faults += faults_of(page, "make codes, refused")
    page.goto(desk.at("/staff/enter/codes"))
    press(page, "Sign in")
    faults += faults_of(page, "enter by a code, refused")
    page.goto(desk.link("dilys"))
    press(page, "Continue")
    page.get_by_label("A name for this device").fill("laptop")
    press(page, "Make a passkey")
    page.wait_for_url("**/staff?lang=en")
    other = sit_down(new_context)
    join(other, desk, "emre", "approver")
    page.goto(desk.at("/staff/members"))
    page.get_by_role("link", name="emre").click()
    page.get_by_label("Why").select_option("device-lost")
    press(page, "Propose it")
    faults += faults_of(page, "one's own proposal")
    other.goto(desk.at("/staff/approvals"))
    faults += faults_of(other, "approvals")
    other.get_by_role("link", name="Let a member begin anew").click()
    faults += faults_of(other, "another's proposal")
    faults += faults_in_dutch(other, other.url, desk.at("/staff/approvals"))
    page.get_by_role("button", name="Sign out").click()
    faults += faults_in_dutch(page, *map(desk.at, ("/staff/enter", "/staff/enter/codes", "/staff/join")))
    assert faults == [], "\n".join(faults)


@requirement("STF-06")
@requirement("STF-08")
def test_finding_a_customer_and_uncovering_a_field(desk: Desk, page: Page, keys: KeyRing) -> None:
    settle(desk.database, keys, EMRE)
    join(page, desk, "chen", "agent", "admin")
    page.goto(desk.at("/staff/search"))
    faults = faults_of(page, "search")
    press(page, "Search")
    faults += faults_of(page, "search, refused")
    page.get_by_label("Whole email address").check()
    page.get_by_label("All of it, exactly").fill(EMRE.address)
    page.get_by_label("Why").select_option("customer-asked")
    press(page, "Search")
    faults += faults_of(page, "found")
    page.get_by_role("link", name="…e-0").click()
    faults += faults_of(page, "record")
    let_the_passkeys_grow_stale(desk)
    page.reload()
    page.locator("#uncover-reason").select_option("second-look")
    press(page, "Uncover it")
    expect(page.get_by_text(EMRE.address)).to_be_visible()
    page.locator("#act-reason").select_option("customer-wants")
    press(page, "Stop letters for 30 days")
    expect(page.get_by_role("button", name="Let letters go out again")).to_be_visible()
    press(page, "Require a new password")
    faults += faults_of(page, "record, refused")
    record = page.url.partition("?")[0]
    for path in (f"{record}/helpers", desk.at("/staff/lookups")):
        page.goto(path)
        faults += faults_of(page, path)
    faults += faults_in_dutch(page, desk.at("/staff/search"), record, f"{record}/helpers", desk.at("/staff/lookups"))
    assert faults == [], "\n".join(faults)


def test_the_desk_and_its_figures(desk: Desk, page: Page, new_context: NewContext, keys: KeyRing) -> None:
    incident, now = read(EXAMPLE), clock.now()
    wish = Wish(Reason.FRAUD, "Please help.", incident.brands[0].id, incident.brands[0].origin, "en", EMRE.address)
    with desk.database.write() as session:
        for _ in ("one", "another"):
            opening.open_case(session, keys, wish, incident.zone, now=now)
    join(page, desk, "chen", "agent")
    page.goto(desk.at("/staff/desk"))
    page.get_by_text("Keep this view under a name").click()
    press(page, "Keep it")
    faults = faults_of(page, "a view without a name")
    page.get_by_label("Name of this view").fill("Mine")
    press(page, "Keep it")
    faults += faults_of(page, "desk")
    go_by_keys(page)
    page.locator(".desk__number").first.click()
    case = page.url
    press(page, "Take this case")
    faults += faults_of(page, "case")
    bulk = desk.at("/staff/desk/bulk")
    page.goto(bulk)
    faults += faults_of(page, "one answer to many")
    faults += faults_in_dutch(page, desk.at("/staff/desk"), case, bulk)
    lead = sit_down(new_context)
    join(lead, desk, "dilys", "approver", "admin")
    for path in ("/staff/desk/figures", "/staff/desk/exports"):
        lead.goto(desk.at(path))
        faults += faults_of(lead, path)
        faults += faults_in_dutch(lead, desk.at(path))
    assert faults == [], "\n".join(faults)
