"""The bench of the cases' room: what a customer does at the pages, and what then stands in the database."""

import re
from html import unescape

from sqlalchemy import select

from portal.cases import claims, writing
from portal.cases.case import Case
from portal.cases.reasons import Answering, Asking
from portal.database import Database
from portal.sealing import KeyRing
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor, token_on

CHEN = "member:chen"
NUMBER = re.compile(r"C-[0-9A-Z]{4}-[0-9A-Z]{4}")
PHRASE = re.compile(r"<dd>([a-z]+(?: [a-z]+){3})</dd>")
SENTENCE = "I cannot get into my mailbox any more, since I left my old school."


def write(visitor: Visitor, text: str = SENTENCE, reason: str = "mailbox-gone", contact: str = "") -> Answer:
    """Write to us on the help page."""
    return visitor.post("/help", {"reason": reason, "text": text, "contact": contact})


def write_own(visitor: Visitor, text: str = SENTENCE, reason: str = "other", account: str | None = None) -> Answer:
    """Write to us from a proven visit; about the first account if none is named."""
    page = visitor.get("/help/mine")
    named = re.findall(r'name="account"[^>]*value="(\w+)"', page.text)[0] if account is None else account
    return visitor.post("/help/mine", {"csrf_token": token_on(page), "account": named, "reason": reason, "text": text})


def receipt(visitor: Visitor, answer: Answer) -> tuple[str, str]:
    """Number and phrase of the case that was just opened."""
    assert answer.status == 303, answer.text
    page = visitor.get(answer.location).text
    return NUMBER.findall(page)[0], PHRASE.findall(page)[0]


def come_back(visitor: Visitor, number: str, phrase: str) -> Answer:
    """Type number and phrase, and open the case where they fit."""
    answer = visitor.post("/help/case", {"number": number, "phrase": phrase})
    return visitor.get(answer.location) if answer.status == 303 else answer


def open_own(visitor: Visitor, number: str) -> Answer:
    """Open one of the own cases, from the page that lists them."""
    answer = visitor.act("/help/mine", "/help/mine/case", number=number)
    return visitor.get(answer.location) if answer.status == 303 else answer


def said_on(page: Answer) -> list[str]:
    """What was said in a case, as its page shows it."""
    return [unescape(text) for text in re.findall(r'class="talk__text" dir="auto">(.*?)</p>', page.text, re.DOTALL)]


def cases_in(database: Database) -> list[Case]:
    """Every case, the oldest first."""
    with database.read() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def answer_it(
    database: Database, keys: KeyRing, clock: StillClock, text: str = "We can help you.", *, asks: bool = False
) -> bool:
    """Let Chen claim the newest case and answer; whether a letter says so."""
    case, why = cases_in(database)[-1], Asking.MORE_NEEDED if asks else Answering.EXPLAINED
    with database.write() as session:
        version = claims.claim(session, case, case.version, by=CHEN, now=clock())
        return writing.answer(session, keys, case, version, text, by=CHEN, why=why, now=clock())
