"""The sending of letters: on each line one at a time, each step written down before and after it is done."""

import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.database import Database, is_outage
from portal.limits import LETTER_ATTEMPTS
from portal.mail import flight, outbox, pace, suppressions
from portal.mail.outbox import Letter
from portal.mail.postboxes import Postbox, Refused, Unavailable, Uncertain
from portal.mail.writing import Outcome, Writing
from portal.work import MOMENT_SECONDS

RETRY_MINUTES = (0.5, 2, 5, 10)
chance = random.SystemRandom()
log = structlog.get_logger()


@dataclass
class Sending:
    """One worker's sending, on several lines at once; a worker that is killed repeats at most one letter a line.

    `lease` is longer than the mail server could keep us waiting for one letter.
    """

    database: Database
    writing: Writing
    postboxes: Sequence[Postbox]
    clock: Clock
    lease: timedelta
    per_second: float | None = None
    rests_until: datetime | None = field(default=None, init=False)

    def look(self) -> bool:
        """Whether a letter is due, and the pace lets it go."""
        now = self.clock()
        if self.rests_until and now < self.rests_until:
            return False
        with self.database.read() as session:
            return outbox.is_any_due(session, self.writing.kinds, now=now)

    def step(self) -> bool:
        """Send on each line for a moment; False where none is due. Raises Unavailable after putting letters back."""
        until = monotonic() + MOMENT_SECONDS
        if not (taken := self._settled([], go_on=True)):
            return False
        while taken:
            outcomes = self._sent(taken)
            faults = [one.trouble for one in outcomes if isinstance(one.trouble, Unavailable | Uncertain)]
            taken = self._settled(outcomes, go_on=not faults and monotonic() < until)
            if faults:
                raise Unavailable(type(faults[0]).__name__)
        return True

    def _settled(self, outcomes: list[Outcome], *, go_on: bool) -> Sequence[Letter]:
        """Write down what became of letters; in the same transaction the next ones are taken."""
        try:
            with self.database.write() as session:
                self._settle(session, outcomes)
                taken = self._take(session) if go_on else ()
        except Exception as error:
            if not is_outage(error) and len(outcomes) > 1:
                # One whose end cannot be written down must not repeat the others.
                for outcome in outcomes:
                    with suppress(Exception):
                        self._settled([outcome], go_on=False)
            raise
        for one in outcomes:
            if one.state:
                said = {"letter": str(one.letter.id), "kind": one.letter.kind}
                log.info("letter:closed", **said, state=one.state, answer=one.answer)
        return taken

    def _take(self, session: Session) -> Sequence[Letter]:
        # A newer portal's letters wait for a newer worker.
        now, most = self.clock(), len(self.postboxes)
        take = partial(outbox.take, session, self.writing.kinds, now=now, lease=self.lease)
        if not self.per_second:
            return take(most=most)
        row = pace.held(session, self.per_second, now=now)
        free = pace.free(row, self.per_second, now=now)
        if free < 1:
            self.rests_until = now + timedelta(seconds=(1 - free) / self.per_second)
            return ()
        taken = take(most=min(int(free), most))
        pace.spend(row, self.per_second, len(taken))
        return taken

    def _sent(self, taken: Sequence[Letter]) -> list[Outcome]:
        with self.database.read() as session:
            written = self.writing.write(session, taken, now=self.clock())
        return flight.fly(self.postboxes, written)

    def _settle(self, session: Session, outcomes: list[Outcome]) -> None:
        now, ends = self.clock(), defaultdict[tuple[str, str], list[Letter]](list)
        for outcome in outcomes:
            if outcome.trouble and not self._is_last(outcome):
                self._postpone(session, outcome.letter, outcome.trouble, now)
            else:
                ends[outcome.state, outcome.answer].append(outcome.letter)
        for (state, answer), letters in ends.items():
            self._close(session, letters, state, answer, now)

    def _is_last(self, outcome: Outcome) -> bool:
        """Whether this trouble ends the letter; an outage of the relay never does."""
        trouble, is_last = outcome.trouble, outcome.letter.refusals + 1 >= LETTER_ATTEMPTS
        if isinstance(trouble, Uncertain) and is_last:
            outcome.state, outcome.answer = outbox.FAILED, "the line broke each time"
        if isinstance(trouble, Refused) and (trouble.permanent or is_last):
            outcome.state, outcome.answer = outbox.BOUNCED if trouble.bounced else outbox.FAILED, trouble.answer
        return bool(outcome.state)

    def _postpone(
        self, session: Session, letter: Letter, trouble: Refused | Unavailable | Uncertain, now: datetime
    ) -> None:
        doubtful = isinstance(trouble, Uncertain)
        pause = timedelta(seconds=chance.uniform(2, 4) * 5 ** min(letter.refusals, 3) * doubtful)
        if isinstance(trouble, Refused):
            pause = timedelta(minutes=RETRY_MINUTES[letter.refusals] * chance.uniform(0.8, 1.2))
        counts = not isinstance(trouble, Unavailable)
        outbox.postpone(session, letter, str(trouble), until=now + pause, refused=counts, doubtful=doubtful)
        log.warning("letter:put back", letter=str(letter.id), kind=letter.kind, doubtful=doubtful, why=str(trouble))

    def _close(self, session: Session, letters: list[Letter], state: str, answer: str, now: datetime) -> None:
        closed = outbox.close(session, letters, state, answer, now=now)
        for letter in letters:
            if letter.id in closed:
                kind = self.writing.kinds[letter.kind]
                (kind.handed_over if state == outbox.SENT else kind.given_up)(session, letter, now=now)
            if state == outbox.BOUNCED:
                suppressions.suppress(session, letter.mailbox, suppressions.BOUNCED, now=now)
