"""Alerts: letters to the officers about a change of address that somebody should look at now; they name its number."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from portal.mail import letters, officers, outbox
from portal.mail.message import Drop, Message, Sender
from portal.mail.outbox import Letter
from portal.sealing import KeyRing

KIND = "alert"


class Alarm(StrEnum):
    """What happened."""

    DURESS = "duress"
    MANY = "many"
    SOONER = "sooner"


@dataclass(frozen=True)
class Watch:
    """Who is told, in which language."""

    keys: KeyRing
    addresses: tuple[str, ...]
    origin: str
    locale: str

    def tell(self, session: Session, what: Alarm, about: UUID, *, now: datetime) -> None:
        """Queue a letter to each officer; where none is named, the trail alone knows."""
        for to in self.addresses:
            letter = Letter(kind=KIND, about=about, origin=self.origin, locale=self.locale)
            letter.priority, letter.mailbox = outbox.AWAITED, self.keys.mac(officers.MAILBOX, to.casefold())
            domain = urlsplit(self.origin).hostname or ""
            outbox.enqueue(session, self.keys, letter, to=to, content={"what": what.value}, domain=domain, now=now)


@dataclass(frozen=True)
class AlertLetter:
    """The letter to an officer."""

    sender: Sender

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message; whom it is about stands in the trail only."""
        return letters.alert(self.sender, letter.locale, what=content["what"], number=str(letter.about))

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it: the trail has it too."""
