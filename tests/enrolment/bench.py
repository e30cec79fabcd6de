"""The enrolment room's bench: pools of made-up codes, people at their pages, and what the database holds."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from portal.database import Database
from portal.enrolment import giving, importing
from portal.enrolment.codes import Code
from portal.enrolment.giving import Wish
from portal.enrolment.grants import Grant
from portal.enrolment.importing import CodeFile
from portal.enrolment.pools import Pool
from portal.incident.file import Incident
from portal.sealing import KeyRing
from tests.cast import ALL, Account, Person
from tests.servers.ground import MORNING
from tests.visitor import Answer, Visitor, token_on

SHOWN = re.compile(r'id="code">([^<]+)<')
AHEAD = re.compile(r"You are number (\d+) in line")
LAST_DAY = date(2018, 12, 31)
LOADED = datetime(2018, 6, 29, 9, 0, tzinfo=UTC)


def some_codes(count: int, begins: str = "FAIR") -> list[str]:
    """Codes as a provider writes them."""
    return [f"{begins}-{number:06}-QXZ7" for number in range(count)]


def stock_up(
    database: Database, keys: KeyRing, codes: list[str], *, offer: str = "monitoring", expires: date = LAST_DAY
) -> None:
    """Let an operator have loaded these codes."""
    file = CodeFile({code: line for line, code in enumerate(codes, 2)}, digest=f"{hash((*codes, offer)) % 2**200:064x}")
    with database.write() as session:
        importing.load(session, keys, file, offer=offer, expires=expires, now=LOADED, loaded_by="operator")


def had(database: Database, wish: Wish) -> Grant:
    """What the person gets, in the way that the page asks for it."""
    if given := giving.give(database, wish, day=LAST_DAY, now=MORNING):
        return given
    with database.write() as session:
        return giving.claim(session, wish, day=LAST_DAY, now=MORNING)


def crowd(count: int, begins: str = "guest") -> list[Person]:
    """So many affected people."""
    return [Person(f"{begins}{number}", (Account(result="AFFECTED", categories=ALL),)) for number in range(count)]


def reveal(visitor: Visitor) -> Answer:
    """Press the button of the page."""
    page = visitor.get("/code")
    assert page.status == 200, page.text
    return visitor.post("/code", {"csrf_token": token_on(page)})


def code_on(answer: Answer) -> str:
    """The code that a page shows, or an empty text."""
    found = SHOWN.search(answer.text)
    return found[1] if found else ""


def number_on(answer: Answer) -> int:
    """The place in line that a page tells, or 0."""
    found = AHEAD.search(answer.text)
    return int(found[1]) if found else 0


def given(database: Database) -> list[Code]:
    """The codes that somebody has."""
    with database.read() as session:
        return list(session.scalars(select(Code).where(Code.grant_id.is_not(None)).order_by(Code.id)))


def grants_of(database: Database) -> list[Grant]:
    """Every grant, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(Grant).order_by(Grant.asked_at, Grant.id)))


def count(database: Database, table: type[Code | Grant | Pool]) -> int:
    """How many rows there are."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def with_offers(incident: Incident, **said: dict[str, object]) -> Incident:
    """The example with its one offer said otherwise, in several copies by id."""
    [usual] = incident.offers
    offers = tuple(usual.model_copy(update={"id": name, **changes}) for name, changes in said.items())
    words = {code: _worded(one, list(said)) for code, one in incident.languages.items()}
    return incident.model_copy(update={"offers": offers, "languages": words})


def _worded(words: object, names: list[str]) -> object:
    short = words.short  # type: ignore[attr-defined]
    [usual] = short.offers.values()
    return replace(words, short=short.model_copy(update={"offers": dict.fromkeys(names, usual)}))  # type: ignore[type-var]
