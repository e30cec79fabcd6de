"""Correspondence: the letter that confirms a new password, and what to do if it was somebody else."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.identity import addresses, links
from portal.identity.correspondence import page_in, sender_of
from portal.identity.customers import Customer, stored_address
from portal.incident.file import Incident
from portal.mail import letters, outbox
from portal.mail.message import Drop, Message
from portal.mail.outbox import Letter
from portal.sealing import KeyRing

KIND = "password_changed"
NOT_YOU = "#not-you"  # where the help page says what to do


@dataclass(frozen=True)
class PasswordChanged:
    """The confirming letter."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message; it holds no secret."""
        changed_at = datetime.fromisoformat(content["at"])
        brand = self.incident.brand(content["brand"]).name
        sender, zone = sender_of(self.incident, letter.origin), self.incident.zone
        pages = {"portal": page_in(self.incident, letter, "/")}
        pages["help_page"] = page_in(self.incident, letter, "/help") + NOT_YOU
        return letters.password_changed(sender, letter.locale, zone, brand=brand, changed_at=changed_at, **pages)

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""


def confirm(session: Session, keys: KeyRing, customer: Customer, *, origin: str, locale: str, now: datetime) -> None:
    """Queue the confirmation to the stored address."""
    to = stored_address(keys, customer)
    mailbox = keys.mac(links.MAILBOX, addresses.read(to).mailbox)
    letter = Letter(
        kind=KIND, about=customer.id, origin=origin, locale=locale, priority=outbox.INTERACTIVE, mailbox=mailbox
    )
    content = {"at": now.isoformat(), "brand": customer.brand}
    domain = origin.rpartition("//")[2].partition(":")[0]
    outbox.enqueue(session, keys, letter, to=to, content=content, domain=domain, now=now)
