"""The sending of letters: one at a time, each step written down before and after it is done."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.database import Database, is_outage
from portal.limits import LETTER_ATTEMPTS
from portal.mail import outbox, suppressions
from portal.mail.message import Drop, Message, mime
from portal.mail.outbox import Letter
from portal.mail.postboxes import Postbox, Refused, Unavailable, Uncertain
from portal.sealing import KeyRing, SealBroken

RETRY_MINUTES = (0.5, 2, 5, 10)
chance = random.SystemRandom()
TAKES = 50  # a letter that interrupts its worker so often is at fault itself
log = structlog.get_logger()


class Kind(Protocol):
    """What a room knows about its letters."""

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, or why it must not go out any more."""

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """The mail server has it: in the same transaction, what follows from that."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """It will never arrive: in the same transaction, what follows from that."""


@dataclass
class Sending:
    """One worker's sending; `lease` is longer than the mail server could keep us waiting for one letter."""

    database: Database
    keys: KeyRing
    postbox: Postbox
    kinds: dict[str, Kind]
    clock: Clock
    lease: timedelta

    def step(self) -> bool:
        """Send one letter; False where none is due. Raises Unavailable after putting the letter back."""
        with self.database.write() as session:
            # A newer portal's letters wait for a newer worker.
            letter = outbox.take(session, self.kinds.keys(), now=self.clock(), lease=self.lease)
        if letter is None:
            return False
        try:
            answer = self._deliver(letter)
        except Refused as refusal:
            self._refused(letter, refusal)
        except (Unavailable, Uncertain) as trouble:
            self._put_back(letter, trouble)
            raise Unavailable(type(trouble).__name__) from None
        else:
            self._close(letter, *answer)
        return True

    def _deliver(self, letter: Letter) -> tuple[str, str]:
        if letter.takes > TAKES:
            return outbox.DROPPED, "interrupted too often"
        try:
            to, message = outbox.recipient(self.keys, letter), self._compose(letter)
        except SealBroken:
            return outbox.FAILED, "does not open"
        if isinstance(message, Drop):
            return outbox.DROPPED, message.reason
        body = mime(message, to=to, message_id=letter.message_id, now=letter.created_at)
        return outbox.SENT, self.postbox.deliver(body, sender=message.sender.address, to=to)

    def _compose(self, letter: Letter) -> Message | Drop:
        with self.database.read() as session:
            # It may have bounced, or its owner may have stopped us, since this letter was queued.
            if against := suppressions.reason_against(session, [letter.mailbox], now=self.clock()):
                return Drop(against)
            content = outbox.content(self.keys, letter)
            try:
                return self.kinds[letter.kind].compose(session, letter, content)
            except Exception as error:
                if is_outage(error):
                    raise
                # A letter that cannot be written must not stop those behind it.
                raise Refused(f"cannot be written: {type(error).__name__}", permanent=False) from error

    def _refused(self, letter: Letter, refusal: Refused) -> None:
        if refusal.permanent or letter.refusals + 1 >= LETTER_ATTEMPTS:
            self._close(letter, outbox.BOUNCED if refusal.bounced else outbox.FAILED, refusal.answer)
            return
        until = self.clock() + timedelta(minutes=RETRY_MINUTES[letter.refusals] * chance.uniform(0.8, 1.2))
        with self.database.write() as session:
            outbox.postpone(session, letter, refusal.answer, until=until, refused=True, doubtful=False)
        log.warning("letter:postponed", letter=str(letter.id), kind=letter.kind, answer=refusal.answer)

    def _put_back(self, letter: Letter, trouble: Unavailable | Uncertain) -> None:
        doubtful = isinstance(trouble, Uncertain)
        if doubtful and letter.refusals + 1 >= LETTER_ATTEMPTS:
            self._close(letter, outbox.FAILED, "the line broke each time")
            return
        until = self.clock() + timedelta(seconds=chance.uniform(2, 4) * 5 ** min(letter.refusals, 3) * doubtful)
        with self.database.write() as session:
            outbox.postpone(session, letter, str(trouble), until=until, refused=doubtful, doubtful=doubtful)
        log.warning("letter:put back", letter=str(letter.id), kind=letter.kind, doubtful=doubtful, why=str(trouble))

    def _close(self, letter: Letter, state: str, answer: str) -> None:
        now, kind = self.clock(), self.kinds[letter.kind]
        with self.database.write() as session:
            if outbox.close(session, letter, state, answer, now=now):
                (kind.handed_over if state == outbox.SENT else kind.given_up)(session, letter, now=now)
            if state == outbox.BOUNCED:
                suppressions.suppress(session, letter.mailbox, suppressions.BOUNCED, now=now)
        log.info("letter:closed", letter=str(letter.id), kind=letter.kind, state=state, answer=answer)
