"""Officers: two people outside the portal who get each anchor of the trail, so that nobody alone can forge it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import anchors
from portal.audit.anchors import Anchor
from portal.audit.keeping import hour
from portal.clock import Clock
from portal.database import Database
from portal.mail import letters, outbox
from portal.mail.message import Drop, Message, Sender
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from portal.turns import in_turn

KIND = "anchor"
MAILBOX = "officer mailbox"


@dataclass(frozen=True)
class AnchorLetter:
    """The letter that holds one anchor."""

    sender: Sender
    zone: tzinfo

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message; an anchor is no secret."""
        anchor = anchors.read(content["line"])
        if anchor is None:
            return Drop("no anchor")
        entry, sealed_at = anchor.sequence, anchor.moment
        return letters.anchor(self.sender, letter.locale, self.zone, entry=entry, sealed_at=sealed_at, line=str(anchor))

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it: the file has the anchor too."""


@dataclass(frozen=True)
class Officers:
    """Writes to the officers, once an hour however many workers there are."""

    database: Database
    keys: KeyRing
    addresses: tuple[str, ...]
    origin: str
    locale: str
    last: Callable[[], Anchor | None]
    clock: Clock

    def step(self) -> bool:
        """Queue the letters about the last anchor, unless they were queued before; there is never more to do."""
        anchor = self.last() if self.addresses else None
        if anchor is None:
            return False
        with self.database.read() as session:
            told = _is_told(session, anchor)
        if not told:
            with self.database.write() as session:
                in_turn(session, b"officers")
                if not _is_told(session, anchor):
                    self._tell(session, anchor)
        return False

    def _tell(self, session: Session, anchor: Anchor) -> None:
        domain = self.origin.rpartition("//")[2].partition(":")[0]
        for to in self.addresses:
            letter = Letter(kind=KIND, about=_about(anchor), origin=self.origin, locale=self.locale)
            letter.priority, letter.mailbox = outbox.AWAITED, self.keys.mac(MAILBOX, to.casefold())
            content = {"line": str(anchor)}
            outbox.enqueue(session, self.keys, letter, to=to, content=content, domain=domain, now=self.clock())


def _about(anchor: Anchor) -> UUID:
    # Workers on several machines write anchors of their own; the letter is about the hour.
    return UUID(int=hour(anchor.moment))


def _is_told(session: Session, anchor: Anchor) -> bool:
    letter = select(Letter.id).where(Letter.about == _about(anchor), Letter.kind == KIND)
    return session.scalar(letter.limit(1)) is not None
