"""The desk's bench: customers who write, and what agents do with their cases at the console."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from portal.cases import opening
from portal.cases.case import Case
from portal.cases.opening import Opened, Wish
from portal.cases.reasons import Reason
from portal.identity.customers import Customer
from tests.cases.bench import SENTENCE
from tests.console.bench import Colleague, Office
from tests.visitor import Answer, token_on

Written = Callable[..., Opened]
VERSION = re.compile(r'name="version" value="(\d+)"')
TEXT = re.compile(r'class="talk__text" dir="auto">(.*?)</p>', re.DOTALL)
LISTED = re.compile(r'desk__number" href="/staff/desk/([0-9a-f-]{36})')
BRAND = "stagelight"


def place(case: Opened | Case) -> str:
    """Where the case is at the console."""
    return f"/staff/desk/{case.id}"


def written(office: Office, text: str = SENTENCE, reason: Reason = Reason.OTHER, **said: Any) -> Opened:
    """Let a customer write."""
    incident = office.app.extensions["incident"]
    brand = incident.brand(said.pop("brand", incident.brands[0].id))
    wish = Wish(reason, text, brand.id, brand.origin, said.pop("locale", "en"), **said)
    with office.database.write() as session:
        return opening.open_case(session, office.keys, wish, incident.zone, now=office.clock())


def owned(office: Office, customer: Customer, address: str, **said: Any) -> Opened:
    """Let somebody write from a proven visit."""
    return written(office, address=address, customer=customer, **said)


def act(who: Colleague, case: Opened | Case, what: str, **fields: str) -> Answer:
    """Send one of the case's forms as its page stands now."""
    page = who.get(place(case))
    found = VERSION.search(page.text)
    seen = {"csrf_token": token_on(page), "version": found[1] if found else "1"}
    return who.post(f"{place(case)}/{what}", seen | fields)


def take(who: Colleague, case: Opened | Case) -> Answer:
    """Claim the case."""
    return act(who, case, "claim")


def answer(who: Colleague, case: Opened | Case, text: str, why: str = "explained") -> Answer:
    """Answer it."""
    return act(who, case, "answers", text=text, why=why)


def talk(page: Answer) -> list[str]:
    """What the page shows of what was said."""
    return [unescape(text) for text in TEXT.findall(page.text)]


def listed(page: Answer) -> list[str]:
    """The cases on a page of the desk."""
    return LISTED.findall(page.text)


def as_it_is(office: Office, case: Opened | Case) -> Case:
    """The case as the database has it now."""
    with office.database.read() as session:
        return session.get_one(Case, case.id)
