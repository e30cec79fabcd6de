"""Correspondence: what identity knows about its two letters, for the worker that sends them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.identity import links
from portal.identity.links import LinkRequest
from portal.incident.brands import Brand
from portal.incident.file import Incident
from portal.mail import letters
from portal.mail.message import Drop, Message, Sender
from portal.mail.outbox import Letter


@dataclass(frozen=True)
class LinkLetter:
    """The letter with the link and the code."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, unless its request ended while it waited."""
        request = session.get(LinkRequest, letter.about)
        if request is None or request.state != links.QUEUED:
            return Drop("its request has ended")
        return letters.link(
            sender_of(self.incident, letter.origin),
            letter.locale,
            self.incident.zone,
            link=f"{page_in(self.incident, letter, '/v')}#{content['public_id']}.{content['token']}",
            stop_link=f"{page_in(self.incident, letter, '/revoke')}#{content['public_id']}.{content['stop']}",
            code=content["code"],
            asked_at=request.asked_at,
            browser=request.browser,
        )

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """The link lives for 30 minutes from now."""
        links.handed_over(session, letter.about, now=now)
        _record(session, Event.LINK_SENT, letter, now)

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """The link never arrives."""
        links.undeliverable(session, letter.about)
        _record(session, Event.LINK_UNDELIVERED, letter, now)


@dataclass(frozen=True)
class UnknownLetter:
    """The letter to an address without an account."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message; it holds no secret."""
        request = session.get(LinkRequest, letter.about)
        if request is None:
            return Drop("its request is gone")
        sender = sender_of(self.incident, letter.origin)
        zone = self.incident.zone
        portal = page_in(self.incident, letter, "/")
        return letters.unknown(sender, letter.locale, zone, asked_at=request.asked_at, portal=portal)

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""


def sender_of(incident: Incident, origin: str) -> Sender:
    """Who writes to those who asked at this origin; the first brand if the origin is no longer ours."""
    try:
        brand: Brand = incident.brand_of(origin)
    except LookupError:
        brand = incident.brands[0]
    address = ", ".join((incident.company.name, *incident.company.address))
    return Sender(brand.sender_name, brand.sender, brand.name, brand.email, brand.phone, address)


def page_in(incident: Incident, letter: Letter, path: str) -> str:
    """The address of a page in the letter's language; where the incident has but one, nothing is carried."""
    carried = f"?lang={letter.locale}" if len(incident.locales) > 1 else ""
    return f"{letter.origin}{path}{carried}"


def _record(session: Session, event: Event, letter: Letter, now: datetime) -> None:
    request = session.get(LinkRequest, letter.about)
    subject = request.public_id if request else str(letter.about)
    trail.record(session, event, now=now, actor=trail.WORKER, subject=subject, repeated=letter.possibly_repeated)
