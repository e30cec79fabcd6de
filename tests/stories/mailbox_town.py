"""The town of the lost mailbox: the portal, its staff and its customers, each at a browser of their own."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from portal.cases.proofing import COOLING, COOLS, AddressChange
from portal.members.member import Member
from portal.members.sessions import MemberSession
from tests.cast import AMARA, BO, EMRE, Person
from tests.console.desk import Desk, give_device
from tests.console.test_access import faults_of
from tests.letters import Letter, at_relay
from tests.servers.browser import NewContext
from tests.servers.waiting import until

STOP = re.compile(r"https?://\S+/help/stop\S*#[0-9a-z]{20}\.[0-9a-z]{50}")
BRANDS = {AMARA: "stagelight-uk", BO: "stagelight-uk", EMRE: "stagelight-international"}


def new_address_of(person: Person) -> str:
    """Where somebody reads letters from now on."""
    return f"{person.name}@new.example"


def press(page: Page, button: str) -> None:
    """Press the button with these words."""
    page.get_by_role("button", name=button, exact=True).click()


@dataclass
class Town:
    """The portal, its staff and its customers, each at a browser of their own."""

    desk: Desk
    new_context: NewContext
    seen: set[str] = field(default_factory=set)

    def browser(self) -> Page:
        """A browser that nobody used before, on a telephone."""
        size = {"width": 320, "height": 640}
        return self.new_context(ignore_https_errors=True, viewport=size).new_page()

    def at(self, path: str) -> str:
        """A page of the customers."""
        return self.desk.installation.origin + path

    def letter(self, address: str, count: int = 1) -> Letter:
        """The newest letter to an address, once there are so many."""
        mailbag = at_relay(self.desk.relay)
        until(lambda: len(mailbag(address)) >= count, f"letter {count} to this mailbox")
        return mailbag(address)[-1]

    def all_to(self, address: str) -> str:
        """All that was written to an address."""
        return " ".join(word for letter in at_relay(self.desk.relay)(address) for word in letter.plain.split())

    def join(self, name: str, role: str) -> Page:
        """A member who came by the letter of an invitation, and has a device."""
        page = self.new_context(ignore_https_errors=True).new_page()
        give_device(page)
        page.goto(self.desk.invite(name, role))
        press(page, "Continue")
        page.get_by_label("A name for this device").fill("laptop")
        press(page, "Make a passkey")
        expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()
        return page

    def look(self, page: Page, name: str) -> None:
        """Everybody can use this page, on a desktop and on a telephone; each is looked at once."""
        if name not in self.seen:
            self.seen.add(name)
            assert faults_of(page, name, ("light", "phone")) == []

    def change_of(self, page: Page) -> AddressChange:
        """The change on this page, as it stands now."""
        with self.desk.database.read() as session:
            public = page.url.partition("?")[0].rpartition("/")[2]
            return next(one for one in session.scalars(select(AddressChange)) if str(one.id) == public)

    def drawn(self, change: AddressChange) -> str:
        """The name of the member who was drawn to decide."""
        with self.desk.database.read() as session:
            return next(one.name for one in session.scalars(select(Member)) if one.actor == change.assigned_to)

    def let_the_passkeys_grow_stale(self) -> None:
        """Let the next dangerous act ask everybody for the passkey."""
        with self.desk.database.write() as session:
            session.execute(update(MemberSession).values(stepped_up_at=None))

    def three_days_later(self) -> None:
        """Stop everything, and start it again when 72 hours are over."""
        for process in self.desk.installation.processes:
            process.stop()
        self.desk.installation.move_clock(COOLS + timedelta(minutes=1))
        self.desk.installation.web(threads=8)
        self.desk.installation.worker()


def write_to_us(town: Town, customer: Page) -> str:
    """Open a case with nothing but a browser; returns its number."""
    customer.goto(town.at("/help"))
    customer.get_by_label("I cannot get into my mailbox any more").check()
    customer.get_by_label("What happened?").fill("I left my old school, and the mailbox with it.")
    press(customer, "Send")
    customer.wait_for_url("**/help/opened")
    return customer.locator(".receipt dd").first.inner_text()


def propose(town: Town, agent: Page, number: str, person: Person, button: str = "Send") -> AddressChange:
    """Take the case, write the new address down, and ask a second person."""
    agent.goto(town.desk.at("/staff/desk"))
    agent.get_by_role("link", name=number).click()
    press(agent, "Take this case")
    expect(agent.get_by_text("You hold this case")).to_be_visible()
    agent.goto(town.desk.at("/staff/mailboxes"))
    agent.get_by_label("Number of the case").fill(number)
    agent.get_by_label("Email address of the account").fill(person.address)
    agent.get_by_label("Brand").select_option(BRANDS[person])
    agent.get_by_label("New email address").fill(new_address_of(person))
    town.let_the_passkeys_grow_stale()
    press(agent, "Begin")
    expect(agent.get_by_role("heading", name="Change of address", exact=True)).to_be_visible()
    assert agent.get_by_label("last digits of their card").count() == 0
    agent.get_by_label("They know the number of an order").check()
    agent.get_by_label("They know what they bought before").check()
    agent.get_by_label("Why").select_option("mailbox-closed")
    press(agent, button)
    expect(agent.get_by_text("Waits for a second person")).to_be_visible()
    return town.change_of(agent)


def approve(town: Town, approvers: dict[str, Page], change: AddressChange) -> None:
    """Whoever was not drawn may not agree; whoever was does, with a fresh passkey."""
    drawn = town.drawn(change)
    for name in sorted(approvers, key=lambda one: one == drawn):
        page = approvers[name]
        town.let_the_passkeys_grow_stale()
        page.goto(town.desk.at(f"/staff/approvals/{change.proposal}"))
        if name == drawn:
            page.get_by_label("Why").first.select_option("contents-checked")
            press(page, "Approve")
            expect(page.get_by_role("button", name="Approve")).not_to_be_visible()
        else:
            expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    until(lambda: state(town, change) == COOLING, "the worker to let the 72 hours begin")


def state(town: Town, change: AddressChange) -> str:
    """How a change stands now."""
    with town.desk.database.read() as session:
        return session.get_one(AddressChange, change.id).state


def stop(town: Town, customer: Page, person: Person) -> None:
    """Follow the link of the letter to the old address, and press the button."""
    [link] = STOP.findall(town.letter(person.address).plain)
    customer.goto(link)
    expect(customer.get_by_role("heading", name="Did you not ask for another email address?")).to_be_visible()
    assert "#" not in customer.url
    town.look(customer, "stop")
    press(customer, "Stop the change")
    expect(customer.get_by_role("heading", name="stopped")).to_be_visible()
    town.look(customer, "stopped")


def arrive(town: Town, customer: Page, address: str) -> None:
    """Ask for a letter, open its link, and read the answer."""
    letters = len(at_relay(town.desk.relay)(address))
    customer.goto(town.at("/"))
    customer.get_by_label("Your email address").fill(address)
    press(customer, "Send me the letter")
    customer.wait_for_url("**/sent")
    customer.goto(town.letter(address, letters + 1).link)
    press(customer, "Continue")
    customer.wait_for_url("**/status")


def walk_on(customer: Page) -> None:
    """From the answer over a new password to the code, and out."""
    press(customer, "Go on")
    customer.wait_for_url("**/password")
    customer.get_by_label("New password", exact=True).fill("quiet tin boats drift north")
    press(customer, "Set this password")
    customer.wait_for_url("**/code")
    press(customer, "Show my code")
    expect(customer.locator("#code")).to_be_visible()
    press(customer, "Go on")
    customer.wait_for_url("**/done")
    press(customer, "End my visit")
    customer.wait_for_url("**/leave")
