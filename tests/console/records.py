"""What the tests of records share: a search as an agent does it, and the sheets that it opens."""

import re

from sqlalchemy import select

from portal.audit.events import Event
from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.lookups.looks import RecordLook
from tests.cast import Person
from tests.console.bench import Colleague
from tests.visitor import Answer

SHEET = re.compile(r'href="(/staff/customers/[0-9a-f-]{36})')
ONCE = re.compile(r'name="once" value="([0-9a-f-]{36})"')


def search(colleague: Colleague, text: str, *, finder: str = "address", reason: str = "customer-asked") -> Answer:
    """Send the form of the search page."""
    return colleague.do("/staff/search", page="/staff/search", finder=finder, text=text, reason=reason)


def sheets(colleague: Colleague, text: str, **said: str) -> list[str]:
    """Where the sheets are that a search finds."""
    told = search(colleague, text, **said)
    assert told.status == 303, told.text
    return SHEET.findall(colleague.get(told.location).text)


def sheet_of(colleague: Colleague, person: Person) -> str:
    """Where the first account of somebody is, found by the address."""
    return sheets(colleague, person.address)[0]


def act(colleague: Colleague, sheet: str, deed: str, *, reason: str = "customer-wants", **said: str) -> Answer:
    """Open a sheet and press one of its buttons."""
    found = ONCE.search(colleague.get(sheet).text)
    once = {"once": found[1]} if found else {}
    return colleague.do(f"{sheet}/{deed}", page=sheet, **{**once, "reason": reason, **said})


def looks_of(database: Database) -> list[RecordLook]:
    """Every look, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(RecordLook).order_by(RecordLook.at, RecordLook.id)))


def trail_of(database: Database, kind: Event) -> list[AuditEvent]:
    """Every entry of a kind, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.kind == kind.value).order_by(AuditEvent.id)))
