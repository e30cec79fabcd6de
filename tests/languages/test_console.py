"""Every page of the console says nothing that a translator has not seen."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, template_rendered

from portal.audit.events import Event
from portal.config import ROOT
from portal.database import Database
from portal.extensions import limiter
from portal.mail.postboxes.memory import MemoryPostbox
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import settle
from tests.console.bench import Office
from tests.console.mailbox_bench import NEW, OLD
from tests.languages.brackets import Spoken, outside, strings
from tests.languages.console_tour import decide, join, look_up, own_pages, readdress, speaks_dutch
from tests.languages.desk_tour import desk
from tests.letters import in_memory
from tests.members.bench import ORIGIN
from tests.members.stand_in import standing_in
from tests.requirements import requirement
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal
from tests.servers.company import CLIENT
from tests.servers.ground import StillClock

pytestmark = pytest.mark.usefixtures("bracketed")
PAPER_CODE = re.compile(r"(?<=code\">)[0-9A-Z]{4}-[0-9A-Z]{4}")
# What is the same in every language: numbers, digests, keys, details of the trail.
SAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}|\w+=\S*")
NAMES = {"chen", "dilys", "emre", "laptop", "key of chen", "key of dilys", "worker", "visitor", "operator", "member:"}
NAMES |= {"English", "Nederlands", "entrance", "trail", "proposal", "codes", "company", *Event}


# Macros only; and a page that holds what another one said.
PIECES = ("parts", "case_parts", "case_record", "desk_views", "export_parts", "record_parts", "record_acts")
UNSEEN = {f"console/{name}.html" for name in (*PIECES, "bulk_one")}


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


@requirement("USE-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # words are the same on both
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
        limiter.reset()
        own_pages(office, dilys)
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
