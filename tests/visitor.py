"""A visitor: somebody at a browser who asks, reads the letter, follows it and proves; in process or over the wire."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests
from flask.testing import FlaskClient

from tests import inspection
from tests.letters import Letter, Mailbag
from tests.servers.waiting import until

TOKEN = re.compile(r'<input[^>]*name="csrf_token"[^>]*value="([^"]*)"|<input[^>]*value="([^"]*)"[^>]*name="csrf_token"')
OWN = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

Fields = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    text: str

    @property
    def location(self) -> str:
        """Where it sends the browser next, or an empty text."""
        return self.headers.get("Location", "")


class Browser(Protocol):
    """Asks for pages, keeps cookies, follows nothing by itself."""

    def ask(self, method: str, path: str, fields: Fields | None, headers: Mapping[str, str]) -> Answer:
        """One request."""


@dataclass
class InProcess:
    """Through Flask's test client, which inspects each page that it opens."""

    client: FlaskClient

    def ask(self, method: str, path: str, fields: Fields | None, headers: Mapping[str, str]) -> Answer:
        """One request, without a socket."""
        said: dict[str, Any] = {"method": method, "headers": dict(headers)}
        if fields is not None:
            said["data"] = fields
        with self.client.open(path, **said) as got:
            return Answer(got.status_code, got.headers, got.headers.getlist("Set-Cookie"), got.get_data(as_text=True))


@dataclass
class OverTheWire:
    """Through a real socket to a real process."""

    origin: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # a machine's proxies and authorities are none of a test's business

    def ask(self, method: str, path: str, fields: Fields | None, headers: Mapping[str, str]) -> Answer:
        """One request; every page is inspected."""
        got = self.session.request(
            method, self.origin + path, data=fields, headers=dict(headers), allow_redirects=False, timeout=20
        )
        if got.headers.get("Content-Type", "").startswith("text/html") and method != "HEAD":
            assert inspection.faults(got.text, path) == []
        return Answer(got.status_code, got.headers, got.raw.headers.getlist("Set-Cookie"), got.text)


@dataclass
class Visitor:
    """Somebody with a browser and a mailbox; `work` lets the letters go out where no worker runs."""

    browser: Browser
    mailbag: Mailbag
    work: Callable[[], object] = lambda: None
    read: dict[str, int] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return self.browser.ask("GET", path, None, {"Sec-Fetch-Site": "none", **_spelled(headers)})

    def post(self, path: str, fields: Fields | None = None, **headers: str) -> Answer:
        """Send a form, as a browser does from our own page."""
        return self.browser.ask("POST", path, fields or {}, {**OWN, **_spelled(headers)})

    def act(self, page: str, path: str, **fields: str) -> Answer:
        """Open a page of the visit and send one of its forms, token and all."""
        return self.post(path, {"csrf_token": token_on(self.get(page)), **fields})

    def ask(self, address: str) -> Answer:
        """Ask for a letter."""
        return self.post("/start", {"email": address})

    def letter(self, address: str) -> Letter:
        """The newest letter to this address; waits for one that was not read yet."""
        self.work()
        seen = self.read.get(address, 0)
        until(lambda: len(self.mailbag(address)) > seen, "another letter in the mailbox")
        letters = self.mailbag(address)
        self.read[address] = len(letters)
        return letters[-1]

    def follow(self, letter: Letter, **also: str) -> Answer:
        """Open the letter's link and press the button."""
        self.get("/v")
        return self.post("/v", {"public_id": letter.public_id, "token": letter.token, **also})

    def type_code(self, letter: Letter) -> Answer:
        """Type the letter's code where the asking browser stands."""
        return self.post("/v", {"code": letter.code})

    def arrive(self, address: str) -> Answer:
        """Ask, read, follow: the answer page."""
        asked = self.ask(address)
        assert (asked.status, asked.location) == (303, "/sent"), asked.text
        proved = self.follow(self.letter(address))
        assert proved.status == 303, proved.text
        return self.get(proved.location)


def token_on(answer: Answer) -> str:
    """The token of the first form on this page that has one."""
    found = TOKEN.search(answer.text)
    assert found, "no form of a visit on this page"
    return found.group(1) or found.group(2)


def _spelled(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
