"""Every page of the console is open to everybody: in two languages, light, dark and set colours, and on a phone."""

import re
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from portal.config import ROOT
from tests.browser.test_access import LOOKS, is_wider_than_the_screen, violations
from tests.console.bench import Office
from tests.languages.whole_tour import PIECES, everywhere
from tests.members.bench import ORIGIN
from tests.requirements import requirement
from tests.rounds import rounds

pytestmark = [requirement("USE-01"), pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
# What an element says; the rest of it is how it is built.
SAID = (
    "id|for|value|href|action|formaction|name|content|lang|hreflang|datetime|aria-[a-z]+|data-[a-z]+|max|high|x|width"
)
WORDS = re.compile(rf' (?:{SAID})="[^"]*"')
PLACE, ROW = re.compile(r" (/[^ ?]*)"), re.compile(r"/[0-9a-f-]{36}.*|/[0-9]+.*")
ELEMENT, HEADING = re.compile(r"<[a-z][^>]*>"), re.compile(r"<h1[^>]*>\s*(\S*)")


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


class Silent(WSGIRequestHandler):
    """Somebody at the door who keeps no log, and lets a browser ask for more over one line."""

    protocol_version = "HTTP/1.1"

    def log(self, *_said: object) -> None:
        """Say nothing."""


@dataclass
class Showroom:
    """Pages that were made in this process, shown in the browser as if they came from the console."""

    app: Flask
    page: Page
    place: str = ""
    html: str = ""
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def show(self, html: str) -> Page:
        """Hang one of them up."""
        self.html = html
        self.page.goto(self.place)
        return self.page

    @Request.application
    def answer(self, request: Request) -> Response:
        """What the browser asks for: the page, or what it is dressed in, which it may keep."""
        if request.path == "/staff":
            return Response(self.html, content_type="text/html; charset=utf-8")
        if request.path not in self.files:
            with self.app.test_client().get(request.path, base_url=ORIGIN) as got:
                self.files[request.path] = got.data, got.mimetype
        data, kind = self.files[request.path]
        return Response(data, mimetype=kind, headers={"Cache-Control": "max-age=3600, immutable"})


@pytest.fixture
def office(whole_office: Office) -> Office:
    """Where members are hired and sit down."""
    whole_office.app.test_client_class = FlaskClient  # the browser inspects those that it shows
    return whole_office


@pytest.fixture
def showroom(office: Office, page: Page) -> Iterator[Showroom]:
    """An empty one."""
    room = Showroom(office.app, page)
    server = make_server("127.0.0.1", 0, room.answer, threaded=True, request_handler=Silent)
    room.place = f"http://127.0.0.1:{server.server_port}/staff"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield room
    server.shutdown()
    server.server_close()
    thread.join()


def builds(pages: dict[str, str], *, every: bool = True) -> Iterator[tuple[str, str]]:
    """One page of each build: those are passed of which another of its place and heading has all elements too.

    Unless `every` one is wanted, the fullest of each place and heading must do.
    """
    seen: dict[tuple[str, str], list[set[str]]] = {}
    kinds = {name: {WORDS.sub("", one) for one in ELEMENT.findall(html)} for name, html in pages.items()}
    for name in sorted(pages, key=lambda one: -len(kinds[one])):
        heading, place = HEADING.search(pages[name]), PLACE.search(name)
        alike = seen.setdefault((heading[1] if heading else "", ROW.sub("/#", place[1] if place else "")), [])
        if not any(kinds[name] <= one for one in alike) and (every or not alike):
            alike.append(kinds[name])
            yield name, pages[name]


@requirement("STF-06")
@pytest.mark.parametrize("locale", ["en", "nl"])
def test_every_page_and_every_state_of_it(office: Office, showroom: Showroom, locale: str) -> None:
    rendered: set[str] = set()

    def note(_app: Flask, template: object, **_values: object) -> None:
        rendered.add(str(getattr(template, "name", "")))

    incident = office.app.extensions["incident"]  # of a company whose letters no PDF can spell, and a page must do
    company = incident.company.model_copy(update={"phone": "☎ 020 7946 0000"})
    office.app.extensions["incident"] = incident.model_copy(update={"company": company})
    with template_rendered.connected_to(note):
        pages = everywhere(office, locale)
    folder = ROOT / "templates" / "console"
    assert {path.stem for path in folder.iterdir() if f"console/{path.name}" not in rendered} == PIECES
    # `make soak` looks at every state in every way; else Dutch, whose words are longer, is seen where it is narrow.
    every = rounds(1) > 1
    looks = LOOKS if locale == "en" else ("light", "phone") if every else ("phone",)
    faults: list[str] = []
    for name, html in builds(pages, every=every):
        shown = showroom.show(html)
        # A letter on paper is in its reader's language.
        assert "/letter " in name or shown.locator("html").get_attribute("lang") == locale, name
        faults += faults_of(shown, name, looks)
    assert faults == [], "\n".join(faults)
