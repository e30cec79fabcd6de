"""A tour of the console's pages: the doorstep, members and approvals, look-ups, lost mailboxes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyotp

from portal.extensions import limiter
from portal.members import correspondence, member
from portal.members.member import Newcomer
from portal.members.roles import Role
from tests.cast import AMARA, BO, EMRE
from tests.console.bench import AtConsole, Colleague, Office
from tests.console.mailbox_bench import Matter
from tests.console.records import act, search, sheet_of
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN
from tests.visitor import Answer, Fields, InProcess, Visitor

TOO_LONG = "x" * 501

ADDRESS = "emre@stagelight.example"
LINK = re.compile(r"/staff/join\?lang=\w+#([0-9a-z]{20})\.([0-9a-z]{50})")
SECRET = re.compile(r'<strong class="code">([A-Z2-7 ]+)</strong>')
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


@dataclass
class Kept(AtConsole):
    """A browser at the console that speaks a language and keeps each page."""

    pages: dict[str, str] = field(default_factory=dict)
    locale: str = "nl"

    def ask(self, method: str, path: str, fields: Fields | None, headers: Mapping[str, str]) -> Answer:
        """One request, kept if it brought a page."""
        limiter.reset()  # a tour asks for more in a minute than anybody may
        got = super().ask(method, path, fields, {"Accept-Language": self.locale, **headers})
        if got.headers.get("Content-Type", "").startswith("text/html") and not 300 <= got.status < 400:
            self.pages[f"{method} {path} {got.status} of {len(self.pages)}"] = got.text
        return got


def speaks(office: Office, colleague: Colleague, pages: dict[str, str], locale: str) -> Colleague:
    """Let the colleague's pages be in this language, and be kept."""
    colleague.browser = Kept(colleague.browser.client, pages, locale)  # type: ignore[attr-defined]
    if colleague.person:
        with office.database.write() as session:
            session.get_one(member.Member, colleague.person.id).locale = locale
    return colleague


def link_of(office: Office, chen: Colleague, locale: str) -> dict[str, str]:
    """A fresh invitation for emre, who may use codes."""
    with office.database.write() as session:
        emre = member.at_address(session, office.keys, ADDRESS)
        if emre is None:
            newcomer = Newcomer("emre", ADDRESS, frozenset({Role.AGENT}), locale=locale)
            emre = member.add(session, office.keys, newcomer, now=office.clock())
        said = {"by": "operator", "origin": ORIGIN}
        correspondence.invite(session, office.keys, emre, **said, allows_codes=True, now=office.clock())
    found = LINK.search(chen.letter(ADDRESS).plain)
    assert found
    return {"public_id": found[1], "token": found[2]}


def join(office: Office, stranger: Colleague, locale: str) -> None:
    """Every page of the doorstep."""
    for path in ("/staff/enter", "/staff/join", "/staff/enter/codes"):
        stranger.get(path)
    for path in ("/staff/enter", "/staff/join", "/staff/enter/codes", "/staff/enter/company"):
        stranger.post(path, {})
    stranger.get("/staff/enter/company?state=x")
    link = link_of(office, stranger, locale)
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
    kept: Kept = dilys.browser  # type: ignore[assignment]
    other = speaks(office, office.seat("bo", Role.APPROVER), kept.pages, kept.locale)
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
        act(chen, sheet, deed, note=TOO_LONG if deed == "reset" else "")
    for deed in ("link", "reset"):
        act(chen, sheet, deed)
    chen.work()
    chen.do(f"{sheet}/uncovering", field="address", reason="second-look")
    chen.do(f"{sheet}/uncovering")
    help_with(chen, sheet)
    chen.get(sheet)
    other.get(sheet)
    dilys.do("/staff/lookups/exports", since="2018-07-09", until="2018-07-01", reason="audit")
    dilys.get(dilys.do("/staff/lookups/exports", since="2018-07-01", until="2018-07-01", reason="audit").location)
    dilys.get("/staff/lookups")
    dilys.do("/staff/desk/exports", since="2018-07-09", until="2018-07-01", reason="report")


def help_with(chen: Colleague, sheet: str) -> None:
    """Every page of helpers and the dead."""
    may = {"relation": "carer", "may": ["code"], "reason": "will", "until": "2018-08-01"}
    for said in ({}, {"until": "1999-01-01"}, {**may, "email": "carer@home.example"}):
        chen.do(f"{sheet}/helpers", fresh=True, **said)  # type: ignore[arg-type]
    for reason in ("", "certificate-seen"):
        chen.do(f"{sheet}/passing", fresh=True, reason=reason)
    chen.get(f"{sheet}/helpers")


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


def own_pages(office: Office, dilys: Colleague) -> None:
    """A member's own passkeys, the trail, and a page that is not there."""
    dilys.do("/staff/passkeys", name="laptop", credential=Authenticator().make(dilys.challenge()))
    for path in ("/staff/passkeys", "/staff/trail", "/staff/trail?kind=x", "/staff/trail?day=1999-01-01"):
        dilys.get(path)
    office.clock.move(minutes=6)
    dilys.get("/staff/passkeys")
    dilys.do("/staff/passkeys/check")
    dilys.get("/staff/nowhere")
