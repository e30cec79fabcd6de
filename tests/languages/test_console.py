"""Every page of the console says nothing that a translator has not seen."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyotp
import pytest
from flask import Flask, template_rendered

from portal.audit.events import Event
from portal.config import ROOT
from portal.database import Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.members import correspondence, member
from portal.members.member import Newcomer
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, EMRE, settle
from tests.console.bench import AtConsole, Colleague, Office
from tests.console.mailbox_bench import NEW, OLD, Matter
from tests.console.records import act, search, sheet_of
from tests.languages.brackets import Spoken, outside, strings
from tests.languages.desk_tour import desk
from tests.letters import in_memory
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN
from tests.members.stand_in import standing_in
from tests.requirements import requirement
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal
from tests.servers.company import CLIENT
from tests.servers.ground import StillClock
from tests.visitor import Answer, Fields, InProcess, Visitor

pytestmark = pytest.mark.usefixtures("bracketed")
ADDRESS = "emre@stagelight.example"
PAPER_CODE = re.compile(r"(?<=code\">)[0-9A-Z]{4}-[0-9A-Z]{4}")
LINK = re.compile(r"/staff/join\?lang=\w+#([0-9a-z]{20})\.([0-9a-z]{50})")
SECRET = re.compile(r'<strong class="code">([A-Z2-7 ]+)</strong>')
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')
# What is the same in every language: numbers, digests, keys, details of the trail.
SAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}|\w+=\S*")
NAMES = {"chen", "dilys", "emre", "laptop", "key of chen", "key of dilys", "worker", "visitor", "operator", "member:"}
NAMES |= {"English", "Nederlands", "entrance", "trail", "proposal", "codes", "company", *Event}


# Macros only; and a page that holds what another one said.
UNSEEN = {f"console/{name}.html" for name in ("parts", "case_parts", "record_parts", "record_acts", "bulk_one")}


@dataclass
class Kept(AtConsole):
    """A browser at the console that speaks Dutch and keeps each page."""

    pages: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, fields: Fields | None, headers: Mapping[str, str]) -> Answer:
        """One request, kept if it brought a page."""
        got = super().ask(method, path, fields, {"Accept-Language": "nl", **headers})
        if got.headers.get("Content-Type", "").startswith("text/html") and not 300 <= got.status < 400:
            self.pages[f"{method} {path} {got.status} of {len(self.pages)}"] = got.text
        return got


@pytest.fixture
def office(
    make_portal: MakePortal,
    database: Database,
    keys: KeyRing,
    clock: StillClock,
    postbox: MemoryPostbox,
    work: Callable[[], None],
) -> Iterator[Office]:
    """Where members are hired and sit down; customers are known, and the company has a sign-in of its own."""
    settle(database, keys)
    give_passwords(database, keys)
    with standing_in() as company:
        app = make_portal(console_origin=ORIGIN, oidc_issuer=company.origin, **CLIENT)
        yield Office(app, database, keys, clock, in_memory(postbox), work)


def speaks_dutch(office: Office, colleague: Colleague, pages: dict[str, str]) -> Colleague:
    """Let the colleague's pages be in Dutch, and be kept."""
    colleague.browser = Kept(colleague.browser.client, pages)  # type: ignore[attr-defined]
    if colleague.person:
        with office.database.write() as session:
            session.get_one(member.Member, colleague.person.id).locale = "nl"
    return colleague


def link_of(office: Office, chen: Colleague) -> dict[str, str]:
    """A fresh invitation for emre, who may use codes."""
    with office.database.write() as session:
        emre = member.at_address(session, office.keys, ADDRESS)
        if emre is None:
            newcomer = Newcomer("emre", ADDRESS, frozenset({Role.AGENT}), locale="nl")
            emre = member.add(session, office.keys, newcomer, now=office.clock())
        said = {"by": "operator", "origin": ORIGIN}
        correspondence.invite(session, office.keys, emre, **said, allows_codes=True, now=office.clock())
    found = LINK.search(chen.letter(ADDRESS).plain)
    assert found
    return {"public_id": found[1], "token": found[2]}


def join(office: Office, stranger: Colleague) -> None:
    """Every page of the doorstep."""
    for path in ("/staff/enter", "/staff/join", "/staff/enter/codes"):
        stranger.get(path)
    for path in ("/staff/enter", "/staff/join", "/staff/enter/codes", "/staff/enter/company"):
        stranger.post(path, {})
    stranger.get("/staff/enter/company?state=x")
    link = link_of(office, stranger)
    stranger.post("/staff/join", link)
    stranger.post("/staff/join/passkey", link)
    found = SECRET.search(stranger.post("/staff/join/codes", link).text)
    assert found
    stranger.post("/staff/join/codes/check", {**link, "code": "no"})
    code = pyotp.TOTP(found[1].replace(" ", "")).at(office.clock())
    stranger.post("/staff/join/codes/check", {**link, "code": code})
    for path in ("/staff", "/staff/passkeys", "/staff/members"):
        stranger.get(path)


def decide(office: Office, dilys: Colleague, chen: Colleague) -> None:
    """Every page of members and approvals."""
    person = f"/staff/members/{chen.person.id}"  # type: ignore[union-attr]
    dilys.do("/staff/members", roles=["agent", "approver"])
    dilys.do("/staff/members", roles=["agent"], name="x", email=ADDRESS, locale="nl")
    place = dilys.do(f"{person}/recovery", reason="device-lost").location
    other = speaks_dutch(office, office.seat("bo", Role.APPROVER), dilys.browser.pages)  # type: ignore[attr-defined]
    for colleague in (dilys, other):
        for path in ("/staff/approvals", place):
            colleague.get(path)
    found = SEEN.search(other.get(place).text)
    assert found
    other.do(f"{place}/approval", reason="contents-checked")
    other.do(f"{place}/approval", reason="contents-checked", seen=found[1])
    for path in ("/staff/approvals", place, person):
        dilys.get(path)
    dilys.do(f"{person}/closure")
    dilys.get(person)
    dilys.get("/staff/members")


def look_up(chen: Colleague, dilys: Colleague, other: Colleague) -> None:
    """Every page of look-ups."""
    for said in ({}, {"finder": "address", "text": "bo", "reason": "customer-asked"}):
        chen.do("/staff/search", page="/staff/search", **said)
    for text in ("nobody@mail.example", AMARA.address, BO.address):
        chen.get(search(chen, text).location)
    sheet = sheet_of(chen, EMRE)
    for deed in ("link", "silence", "reset"):
        act(chen, sheet, deed, note="x" * (501 if deed == "reset" else 0))
    for deed in ("link", "reset"):
        act(chen, sheet, deed)
    chen.work()
    chen.do(f"{sheet}/uncovering", field="address", reason="second-look")
    chen.do(f"{sheet}/uncovering")
    chen.get(sheet)
    other.get(sheet)
    dilys.do("/staff/lookups/exports", since="2018-07-09", until="2018-07-01", reason="audit")
    dilys.get(dilys.do("/staff/lookups/exports", since="2018-07-01", until="2018-07-01", reason="audit").location)
    dilys.get("/staff/lookups")


def readdress(office: Office, agent: Colleague) -> None:
    """Every page of lost mailboxes."""
    matter = Matter(office, agent, [], Visitor(InProcess(office.app.test_client()), office.mailbag))
    agent.get("/staff/mailboxes")
    agent.do("/staff/mailboxes")
    matter.begin()
    for path in ("/staff/mailboxes", matter.place):
        agent.get(path)
    agent.do(f"{matter.place}/letter")
    agent.do(f"{matter.place}/proposal", evidence=["order_number"], reason="mailbox-closed")


@requirement("USE-04")
def test_every_page_of_the_console_is_translated_whole(office: Office) -> None:
    pages: dict[str, str] = {}
    rendered: set[str] = set()

    def note(_app: Flask, template: object, **_values: object) -> None:
        rendered.add(str(getattr(template, "name", "")))

    dilys, chen = office.seat("dilys", Role.ADMIN, Role.AUDITOR), office.hire("chen", Role.AGENT)
    with template_rendered.connected_to(note):
        join(office, speaks_dutch(office, office.browser(), pages))
        decide(office, speaks_dutch(office, dilys, pages), chen)
        ada, cleo = (speaks_dutch(office, office.seat(name, Role.AGENT), pages) for name in ("ada", "cleo"))
        look_up(ada, dilys, cleo)
        readdress(office, speaks_dutch(office, office.seat("agent", Role.AGENT), pages))
        dilys.do("/staff/passkeys", name="laptop", credential=Authenticator().make(dilys.challenge()))
        for path in ("/staff/passkeys", "/staff/trail", "/staff/trail?kind=x", "/staff/trail?day=1999-01-01"):
            dilys.get(path)
        office.clock.move(minutes=6)
        dilys.get("/staff/passkeys")
        dilys.do("/staff/passkeys/check")
        dilys.get("/staff/nowhere")
        agent, lead = (office.seat(name, role) for name, role in (("gita", Role.AGENT), ("hana", Role.APPROVER)))
        foreign = desk(office, speaks_dutch(office, agent, pages), speaks_dutch(office, lead, pages))
    incident = office.app.extensions["incident"]
    said = {*strings((incident.company, incident.brands)), *NAMES, *incident.locales, *foreign}
    said |= {"gita", "hana", "bo", "agent", OLD, NEW}
    plain = {name: PAPER_CODE.sub("", SAME.sub("", html)) for name, html in pages.items()}
    bare = {name: outside(Spoken(html).texts, said) for name, html in plain.items()}
    assert {name: words for name, words in bare.items() if words} == {}
    folder = ROOT / "templates" / "console"
    assert {f"console/{path.name}" for path in folder.iterdir()} - rendered == UNSEEN
