"""Writing: letters from the queue as they go to the mail server, or why they do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from portal.database import is_outage
from portal.mail import outbox, suppressions
from portal.mail.message import Drop, Message
from portal.mail.mime import mime
from portal.mail.outbox import Letter
from portal.mail.postboxes import Refused, Unavailable, Uncertain
from portal.sealing import KeyRing, SealBroken

TAKES = 50  # a letter that interrupts its worker so often is at fault itself


class Kind(Protocol):
    """What a room knows about its letters."""

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, or why it must not go out any more."""

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """The mail server has it: in the same transaction, what follows from that."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """It will never arrive: in the same transaction, what follows from that."""


@dataclass
class Outcome:
    """What became of a letter in our hands: its last state and an answer, or the trouble that there was."""

    letter: Letter
    state: str = ""
    answer: str = ""
    trouble: Refused | Unavailable | Uncertain | None = None


@dataclass(frozen=True)
class Ready:
    """A letter that only needs to be handed over."""

    letter: Letter
    body: bytes
    sender: str
    to: str


@dataclass(frozen=True)
class Writing:
    """Opens what is sealed and lets its room say the words."""

    keys: KeyRing
    kinds: dict[str, Kind]

    def write(self, session: Session, letters: Sequence[Letter], *, now: datetime) -> list[Ready | Outcome]:
        """Each letter, or what became of it instead."""
        # It may have bounced, or its owner may have stopped us, since a letter was queued.
        against = suppressions.reasons_against(session, {letter.mailbox for letter in letters}, now=now)
        return [self._one(session, letter, against.get(letter.mailbox)) for letter in letters]

    def _one(self, session: Session, letter: Letter, against: str | None) -> Ready | Outcome:
        if against or letter.takes > TAKES:
            return Outcome(letter, outbox.DROPPED, against or "interrupted too often")
        try:
            to, content = outbox.recipient(self.keys, letter), outbox.content(self.keys, letter)
            message = self.kinds[letter.kind].compose(session, letter, content)
            if isinstance(message, Drop):
                return Outcome(letter, outbox.DROPPED, message.reason)
            body = mime(message, to=to, message_id=letter.message_id, now=letter.created_at)
            return Ready(letter, body, message.sender.address, to)
        except SealBroken:
            return Outcome(letter, outbox.FAILED, "does not open")
        except Exception as error:
            if is_outage(error):
                raise
            # A letter that cannot be written must not stop those behind it.
            return Outcome(letter, trouble=Refused(f"cannot be written: {type(error).__name__}", permanent=False))
