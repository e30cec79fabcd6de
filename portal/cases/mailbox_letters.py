"""The letter to every known address: the address of the account is about to change, and how to stop that."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.proofing import COOLING, AddressChange
from portal.identity.correspondence import page_in, sender_of
from portal.identity.customers import Customer
from portal.incident.file import Incident
from portal.mail import letters
from portal.mail.message import Drop, Message
from portal.mail.outbox import Letter


@dataclass(frozen=True)
class ChangeLetter:
    """The letter with the link that stops a change; it names neither the old address nor the new one."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, unless the change has ended meanwhile."""
        change = session.get(AddressChange, letter.about)
        if change is None or change.state != COOLING or change.cooling_until is None:
            return Drop("its change has ended")
        brand = session.get_one(Customer, change.customer_id).brand
        page = page_in(self.incident, letter, "/help/stop")
        return letters.mailbox_change(
            sender_of(self.incident, letter.origin),
            letter.locale,
            self.incident.zone,
            brand=self.incident.brand(brand).name,
            link=f"{page}#{content['public_id']}.{content['token']}",
            applies_at=change.cooling_until,
        )

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it: a lost mailbox may take no letters, and the other addresses hear of it too."""
