"""A tour of every page in one language: each that can be opened, and each that answers a form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.routing import Rule

from tests.servers.ground import StillClock
from tests.visitor import Answer, InProcess, Visitor, token_on

NOT_PAGES = ("assets.", "gate.", "health.", "inbox.", "reports.")
PICKED = re.compile(r'name="number" value="(\w+)"')
OFFERED = re.compile(r'name="account"[^>]* value="(\w+)"')
HELPED = re.compile(r'name="helper" value="(\w+)"')
ACCOUNT = re.compile(r'name="account" value="([^"]+)"')
WRONG_LINK = {"public_id": "0" * 20, "token": "0" * 50, "code": "7K3M-9QTX"}


@dataclass
class Seen(InProcess):
    """A browser that speaks one language and keeps each page."""

    language: str = "nl"
    pages: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, fields=None, headers=None) -> Answer:  # type: ignore[no-untyped-def]
        """One request, kept if it brought a page."""
        got = super().ask(method, path, fields, {"Accept-Language": self.language, **(headers or {})})
        if got.headers.get("Content-Type", "").startswith("text/html") and got.text and not 300 <= got.status < 400:
            self.pages[f"{method} {path} {got.status} of {len(self.pages)}"] = got.text
        return got


def addresses(app: Flask) -> Iterator[str]:
    """Every address that a person can open."""
    rules: Iterator[Rule] = app.url_map.iter_rules()
    yield from (
        rule.rule
        for rule in rules
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.endpoint.startswith(NOT_PAGES)
    )


def strangers_pages(app: Flask, visitor: Visitor) -> None:
    """What everybody can open, and how wrong input is answered."""
    for path in addresses(app):
        visitor.get(path)
    visitor.get("/no-such-page")
    visitor.get("/", Host="evil.example")
    visitor.post("/", {})
    visitor.post("/start", {"email": "nobody"})
    visitor.post("/start", {"email": "nobody"}, Sec_Fetch_Site="cross-site")
    visitor.post("/v", WRONG_LINK)
    visitor.post("/revoke", WRONG_LINK)
    visitor.post("/help/stop", WRONG_LINK)
    visitor.post("/help", {})
    for _ in range(4):
        visitor.post("/help", {"reason": "other", "text": "1 + 1", "contact": "1@2.example"})
    visitor.get("/help/opened")
    visitor.post("/help/case", {"number": "1", "phrase": "2"})


def customers_pages(app: Flask, visitor: Visitor, address: str) -> None:
    """What somebody can open who has proved an address; a step of the journey adds its forms here."""
    visitor.arrive(address)
    for path in addresses(app):
        visitor.get(path)
    helps(visitor)
    passwords(visitor)
    for _ in ("place in line, or the code", "the code once more"):
        visitor.act("/status", "/code")
    for path in ("/code", "/done"):
        visitor.get(path)
    visitor.post("/leave", {"csrf_token": "forged"})
    visitor.act("/status", "/leave")
    visitor.get("/leave")


def helps(visitor: Visitor) -> None:
    """Every page of writing to us, in words without a letter, because nobody translates what people type."""
    page = visitor.get("/help/mine")
    token, account = token_on(page), OFFERED.findall(page.text)[0]
    for _ in range(4):
        said = {"csrf_token": token, "account": account, "reason": "result-disputed", "text": "1 + 1"}
        visitor.get(visitor.post("/help/mine", said).location or "/help/mine")
    visitor.post("/help/mine", {"csrf_token": token})
    for _ in range(6):
        visitor.post("/help/words", {"csrf_token": token})
    number = PICKED.findall(visitor.get("/help/mine").text)[0]
    visitor.post("/help/mine/case", {"csrf_token": token, "number": number})
    visitor.act("/help/case/code", "/help/case/code")
    visitor.post("/help/mine/stop", {"csrf_token": token})
    for act in ("messages", "closure"):
        visitor.act("/help/case/read", f"/help/case/{act}")
    visitor.get("/help/case/read")
    visitor.get("/status")


def helping(visitor: Visitor, address: str) -> None:
    """Every page of somebody who acts for another."""
    visitor.arrive(address)
    page = visitor.get("/helping")
    visitor.post("/helping", {"csrf_token": token_on(page), "helper": HELPED.findall(page.text)[0]})
    for path in ("/status", "/next", "/password", "/code", "/done"):
        visitor.get(path)


def passwords(visitor: Visitor) -> None:
    """How each new password is answered, until no account owes one."""
    for tried in ("", "short", "x" * 200, "four green kettles sing", "seven tin drums hum"):
        if found := ACCOUNT.search(visitor.get("/password").text):
            visitor.act("/password", "/password", account=found[1], password=tried)


def unfit_visits(visitor: Visitor, clock: StillClock, address: str) -> None:
    """What is asked of who came by the code alone, or too long ago."""
    visitor.ask(address)
    letter = visitor.letter(address)
    visitor.type_code(letter)
    visitor.get("/password")
    visitor.follow(letter)
    for minutes in (10, 11):
        clock.move(minutes=minutes)
        visitor.get("/status")
    visitor.get("/password")


def stopped_letters(visitor: Visitor, address: str) -> None:
    """How somebody stops our letters who did not ask for them, and lets them come again."""
    visitor.ask(address)
    letter = visitor.letter(address)
    proof = {"link": letter.stop_link, "code": letter.code}
    visitor.post("/revoke", proof)
    visitor.post("/revoke/undo", proof)


def holding_pages(visitor: Visitor) -> None:
    """What there is before the pages open."""
    visitor.get("/")
    visitor.get("/rehearsal")
    visitor.post("/rehearsal", {"key": "wrong"})
