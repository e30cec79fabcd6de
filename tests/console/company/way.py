"""The whole way out to the company's sign-in and back, as a browser walks it."""

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from portal.audit.trail import AuditEvent
from tests.console.bench import Colleague, Office
from tests.servers.company import Company
from tests.visitor import Answer

ENTER = "/staff/enter/company"


def leave(colleague: Colleague) -> str:
    """Press the button; returns the address of the company's sign-in."""
    told = colleague.post(ENTER, {})
    assert told.status == 200, told.text
    return told.headers["Refresh"].removeprefix("0; url=")


def arrive(colleague: Colleague, address: str) -> Answer:
    """Come back as another site sends a browser."""
    parts = urlsplit(address)
    said = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    return colleague.get(f"{parts.path}?{parts.query}", **said)


def enter(company: Company, colleague: Colleague, name: str = "chen", **claims: Any) -> Answer:
    """The whole way, out and back."""
    account = company.employ(name, **claims)
    return arrive(colleague, company.agree(leave(colleague), account))


def events(office: Office) -> list[tuple[str, str | None]]:
    """What the trail says: what happened, and why or how."""
    with office.database.read() as session:
        found = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    return [(event.kind, event.details.get("why", event.details.get("how"))) for event in found]


def is_in(colleague: Colleague) -> bool:
    """Whether the console is open to this browser."""
    return colleague.get("/staff").status == 200
