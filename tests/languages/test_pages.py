"""Every page says nothing that a translator has not seen."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, template_rendered
from sqlalchemy import select

from portal.database import Database
from portal.extensions import limiter
from portal.identity import helpers
from portal.identity.addresses import read
from portal.identity.customers import Customer
from portal.identity.helpers import Relation
from portal.incident.file import Incident
from portal.sealing import KeyRing
from portal.web import errors
from tests.cast import AMARA, BO, EMRE, Account, Person, settle
from tests.enrolment.bench import some_codes, stock_up
from tests.house import sources
from tests.languages import tour
from tests.languages.brackets import Spoken, outside, strings
from tests.languages.tour import Seen
from tests.requirements import requirement
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("bracketed")
DORA = Person("dora", (Account(result="UNKNOWN"), Account(brand="seatswap", result="UNDER_REVIEW")))
LANGUAGE, CARER = "nl", "carer@home.example"
# Codes, numbers of cases, and phrases, which are English in every language.
CODE = re.compile(r"FAIR-\d{6}-QXZ7|C(?:-[0-9A-Z]{4}){2}|(?:(?<=<dd>)|(?<=spoken\">))[a-z]+(?: [a-z]+){3}(?=</)")
OWN_NAMES = ("English", "Nederlands")  # each language is offered by its own name
NO_PAGES = ("dev/", "mail/")
# Opened by other tests: before publication, and while the store is away.
BY_OTHERS = {"incident/holding.html", "incident/rehearsal.html", "reset/away.html"}


def bare(pages: dict[str, str], incident: Incident) -> dict[str, list[str]]:
    """The pages that say what neither a translator nor the incident's words say, and what that is."""
    said = {*strings((incident.words(LANGUAGE), incident.company, incident.brands, incident.offers)), *OWN_NAMES}
    found = {name: outside(Spoken(CODE.sub("", html)).texts, said) for name, html in pages.items()}
    return {name: words for name, words in found.items() if words}


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that pages were made of."""
    names: set[str] = set()

    def note(_app: Flask, template: object, **_values: object) -> None:
        names.add(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note):
        yield names


def let_somebody_help(database: Database, keys: KeyRing, clock: StillClock) -> None:
    """Let emre have a carer."""
    ends, address = clock() + timedelta(days=9), read(CARER)
    with database.write() as session:
        emre = session.scalars(select(Customer).where(Customer.brand == "stagelight-international")).one().id
        who = helpers.write_down(session, keys, emre, Relation.CARER, (), address, until=ends, by="m", now=clock())
        helpers.begin(session, who, by="n", begins_at=clock())


@requirement("USE-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # words are the same on both
def test_every_page_is_translated_whole(
    portal: Flask, visitor: Visitor, rendered: set[str], database: Database, keys: KeyRing, clock: StillClock
) -> None:
    settle(database, keys, AMARA, BO, DORA, EMRE)
    give_passwords(database, keys, AMARA, BO, EMRE)
    visitor.browser = seen = Seen(portal.test_client(), LANGUAGE)
    tour.strangers_pages(portal, visitor)
    for person in (AMARA, BO, DORA, EMRE):
        if person is EMRE:
            stock_up(database, keys, some_codes(9))
            visitor.work()
        limiter.reset()  # one visitor here opens more pages in a minute than anybody may
        tour.customers_pages(portal, visitor, person.address)
        clock.move(minutes=5)
    limiter.reset()
    let_somebody_help(database, keys, clock)
    tour.helping(visitor, CARER)
    visitor.arrive(EMRE.address)
    visitor.get("/help/mine")
    limiter.reset()
    tour.unfit_visits(visitor, clock, BO.address)
    clock.move(minutes=5)
    tour.stopped_letters(visitor, AMARA.address)
    assert bare(seen.pages, portal.extensions["incident"]) == {}
    assert sorted(_pages() - rendered - BY_OTHERS) == []


@requirement("USE-04")
def test_the_pages_before_publication_are_translated_whole(
    make_portal: MakePortal, visitor: Visitor, clock: StillClock
) -> None:
    app = make_portal(rehearsal_key="a key for the rehearsal")
    clock.move(days=-30)
    visitor.browser = seen = Seen(app.test_client(), LANGUAGE)
    tour.holding_pages(visitor)
    assert len(seen.pages) == 3
    assert bare(seen.pages, app.extensions["incident"]) == {}


@requirement("USE-04")
@pytest.mark.parametrize("status", sorted(errors.WORDS))
def test_every_fault_is_explained_in_the_readers_language(portal: Flask, status: int) -> None:
    with portal.test_request_context("/", headers={"Accept-Language": LANGUAGE}):
        page = errors.page(status).get_data(as_text=True)
    # The number of a fault is chance; its hexadecimal letters are no words.
    page = page.replace(page.partition('class="code">')[2].partition("<")[0], "") if status == 500 else page
    assert bare({"page": page}, portal.extensions["incident"]) == {}


def test_a_word_that_nobody_translated_is_found(portal: Flask) -> None:
    page = "<p>⟦Uw ⟦antwoord⟧⟧ op 28 juni 2018 <b aria-label='Close this'>⟦x⟧</b> Hello</p>"
    assert bare({"page": page}, portal.extensions["incident"]) == {"page": ["op", "Close this", "Hello"]}


def _pages() -> set[str]:
    """The templates that are whole pages, not parts of one."""
    found = {path.relative_to(sources.ROOT / "templates").as_posix(): path for path in sources.templates()}
    texts = {name: path.read_text() for name, path in found.items() if not name.startswith(NO_PAGES)}
    # The console's pages are opened in `test_console.py`.
    texts = {name: text for name, text in texts.items() if not name.startswith("layouts/")}
    ways = ("layouts/base.html", "extends layout ")
    return {name for name, text in texts.items() if any(way in text[:100] for way in ways) or "<!doctype" in text[:200]}
