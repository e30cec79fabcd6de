"""The logs of real processes: one JSON line an event, with no secret, no address, and nothing that a stranger wrote."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from sqlalchemy import text

from portal.database import Database
from portal.sealing import KeyRing
from tests import cast
from tests.letters import Letter, at_relay
from tests.requirements import requirement
from tests.servers.processes import Install, Installation
from tests.servers.relay import DROP, Relay
from tests.servers.waiting import until
from tests.visitor import OverTheWire, Visitor

WRONG_CODE = "ZZZZ-ZZZZ"


@dataclass
class Canaries:
    """Everything that must be found in no log."""

    kept: set[str] = field(default_factory=set)

    def add(self, *words: str) -> None:
        """Keep these in mind, in each case that somebody might write them in."""
        self.kept |= {form for word in words for form in (word, word.lower(), word.upper())}

    def add_letter(self, letter: Letter) -> None:
        """Keep a letter's secrets in mind."""
        self.add(letter.token, letter.stop_token, letter.code, letter.code.replace("-", ""))

    def add_cookies(self, visitor: Visitor) -> None:
        """Keep in mind what this browser holds."""
        assert isinstance(visitor.browser, OverTheWire)
        self.add(*(cookie.value or "" for cookie in visitor.browser.session.cookies))

    def found(self, text: str) -> list[str]:
        """Those that are in this text."""
        return sorted(word for word in self.kept if word and word in text)


def walk(visitor: Visitor, canaries: Canaries) -> None:
    """The whole way of amara, with a wrong code, a spent link, and a stop."""
    visitor.ask("amara@mail.example")
    canaries.add_cookies(visitor)
    letter = visitor.letter("amara@mail.example")
    canaries.add_letter(letter)
    visitor.get(f"/v?token={letter.token}&email=amara@mail.example")
    assert visitor.post("/v", {"public_id": letter.public_id, "code": WRONG_CODE}).status == 400
    assert visitor.follow(letter, code=letter.code).status == 303
    canaries.add_cookies(visitor)
    assert visitor.get("/status").status == 200
    assert visitor.follow(letter).status == 303
    assert visitor.act("/status", "/leave").status == 303
    stopping = {"public_id": letter.public_id, "token": letter.stop_token, "code": letter.code}
    assert visitor.post("/revoke", stopping).status == 200


@requirement("OPS-01")
@requirement("LNK-05")
@requirement("ENG-01")
def test_no_log_holds_an_address_or_a_secret(install: Install, database: Database, keys: KeyRing, relay: Relay) -> None:
    cast.settle(database, keys)
    installation, canaries = install(log_level="DEBUG"), Canaries()
    web, worker = installation.web(), installation.worker()
    canaries.add("amara", "bo@mail.example", "emre", "fatou", WRONG_CODE, WRONG_CODE.replace("-", ""))
    walk(installation.visitor(at_relay(relay)), canaries)
    relay.misbehave("RCPT", "550 5.1.1 <emre@mail.example> unknown")
    installation.visitor(at_relay(relay)).ask("emre@mail.example")
    until(lambda: "BOUNCED" in worker.log(), "the bounce")
    relay.misbehave("DATA", DROP)
    installation.visitor(at_relay(relay)).ask("fatou@mail.example")
    until(lambda: '"doubtful": true' in worker.log(), "the broken line")
    with spoiled(database):
        assert installation.visitor(at_relay(relay)).ask("bo@mail.example").status >= 500
        until(lambda: '"job:failed"' in worker.log(), "the worker's fault")
    for process in (web, worker):
        process.stop()
        assert len(process.log().splitlines()) > 3
        assert canaries.found(process.log()) == []


@contextmanager
def spoiled(database: Database) -> Iterator[None]:
    """A table with another column than ours, so that whoever writes or reads fails, in words that quote the row."""
    renaming = "ALTER TABLE link_request RENAME COLUMN {} TO {}"
    with database.engine.begin() as connection:
        connection.execute(text(renaming.format("browser", "gone")))
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.execute(text(renaming.format("gone", "browser")))


FORGED = '{"event": "forged", "level": "info"}'
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x1b[2K", "\x00", "\x85", "\u2028"]
PLACES: dict[str, Callable[[str], str]] = {
    "path": lambda said: f"GET /{said} HTTP/1.1\r\nHost: {{host}}\r\n\r\n",
    "quoted path": lambda said: f"GET /{quote(said)}?{quote(said)} HTTP/1.1\r\nHost: {{host}}\r\n\r\n",
    "method": lambda said: f"GET{said} / HTTP/1.1\r\nHost: {{host}}\r\n\r\n",
    "browser": lambda said: f"GET / HTTP/1.1\r\nHost: {{host}}\r\nUser-Agent: Firefox/1{said}\r\n\r\n",
    "header": lambda said: f"GET / HTTP/1.1\r\nHost: {{host}}\r\nX-{said}: {said}\r\nCookie: rq={said}\r\n\r\n",
    "host": lambda said: f"GET / HTTP/1.1\r\nHost: {said}\r\n\r\n",
    "form": lambda said: form(f"email={quote(said)}%40mail.example&code={quote(said)}"),
}


def form(body: str) -> str:
    own = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"POST /start HTTP/1.1\r\nHost: {{host}}\r\n{own}Content-Length: {len(body)}\r\n\r\n{body}"


def say(installation: Installation, words: str) -> bytes:
    """Say this over a line of its own; returns the beginning of the answer."""
    told = words.replace("{host}", f"127.0.0.1:{installation.port}").encode()
    with socket.create_connection(("127.0.0.1", installation.port), timeout=10) as line:
        line.sendall(told)
        line.shutdown(socket.SHUT_WR)
        return line.recv(100)


@requirement("OPS-02")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_stranger_can_write_a_line_of_the_log(install: Install, database: Database) -> None:
    installation = install(log_level="DEBUG")
    web, worker = installation.web(), installation.worker()
    until(lambda: "worker:started" in worker.log(), "the worker")
    for place in PLACES.values():
        for sign in BREAKS:
            assert say(installation, place(f"{sign}{FORGED}{sign}")).startswith(b"HTTP/1.1 ")
    for process in (web, worker):
        process.stop()
        raw = process.log_file.read_bytes().decode()
        assert not [sign for sign in raw.replace("\n", "") if not sign.isprintable()]
        events = [json.loads(line)["event"] for line in raw.splitlines()]
        assert len(events) > 1
        assert "forged" not in " ".join(events)
