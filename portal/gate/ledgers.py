"""Ledgers: what the questions of a key are answered from: the accounts of its brand, or the sandbox's cast."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from portal.gate import clearing, cohort_file, cohorts, cursors, feed
from portal.gate.clearing import Overtaken
from portal.gate.cohorts import File
from portal.gate.cursors import CursorRefused
from portal.gate.keys import Holder
from portal.gate.standing import NOT_LISTED, Standing, State
from portal.identity.customers import REFERENCE
from portal.incident.file import Incident
from portal.sealing import KeyRing

Named = tuple[str, Standing]


@dataclass(frozen=True)
class Page:
    """Some accounts that changed, in their order, the cursor behind them, and whether there are more now."""

    accounts: Sequence[Named]
    cursor: str
    more: bool


class Ledger(Protocol):
    """What can be asked."""

    def changes(self, after: str | None, limit: int) -> Page:
        """What changed behind a cursor, or from the beginning; raises CursorRefused."""

    def clear(self, reference: str, epoch: int, *, now: datetime) -> Standing:
        """The company's log-in says that an account has a new password; raises Overtaken."""

    def cohort(self, known: Container[str]) -> File | None:
        """The cohort file, without content where its digest is known; None while it is being made."""


@dataclass(frozen=True)
class Accounts:
    """The accounts of the key's brand."""

    session: Session
    keys: KeyRing
    holder: Holder

    def changes(self, after: str | None, limit: int) -> Page:
        """Two queries; a third tells a cursor of a database that is no more."""
        brand = self.holder.brand
        place = cursors.read(self.keys, brand, after) if after else 0
        page = feed.read(self.session, brand, after=place, limit=limit)
        if place and not feed.was_told(self.session, place):
            raise CursorRefused
        told = [(self.keys.unseal(REFERENCE, one.customer, one.sealed), one.standing) for one in page.changes]
        return Page(told, cursors.write(self.keys, brand, page.place), page.more)

    def clear(self, reference: str, epoch: int, *, now: datetime) -> Standing:
        """Ends the duties that the account has."""
        return clearing.clear(self.session, self.keys, self.holder, reference, epoch, now=now)

    def cohort(self, known: Container[str]) -> File | None:
        """As the worker made it last."""
        return cohorts.find(self.session, self.holder.brand, known)


@dataclass(frozen=True)
class Sandbox:
    """The cast, who stand as they stand whatever is said of them; bo and fatou are not listed."""

    keys: KeyRing
    incident: Incident
    brand: str

    def of(self, references: Collection[str]) -> dict[str, Standing]:
        """How accounts stand, unknown ones included; always the same."""
        return {one: CAST.get(one, NOT_LISTED) for one in references}

    def changes(self, after: str | None, limit: int) -> Page:
        """Each of the cast who is listed, once."""
        place = cursors.read(self.keys, SANDBOX, after) if after else 0
        told = list(CAST.items())[place:][:limit]
        place += len(told)
        return Page(told, cursors.write(self.keys, SANDBOX, place), place < len(CAST))

    def clear(self, reference: str, epoch: int, *, now: datetime) -> Standing:
        """As it would be answered; nothing is kept."""
        stands = CAST.get(reference, NOT_LISTED)
        if stands.state != State.MUST_RESET:
            return stands
        if stands.epoch != epoch:
            raise Overtaken(stands)
        return Standing(State.CLEARED, epoch + 1, now)

    def cohort(self, known: Container[str]) -> File | None:
        """A file with amara in it, under a key of its own."""
        blinding, place = cohort_file.blinding_of(self.keys, SANDBOX), len(CAST)
        entries = [cohort_file.entry(blinding, "amara", self.incident.password_cut_off)]
        shown = cohorts.shown(self.incident, self.brand)
        head = {"number": place, "made_at": RESET.isoformat(), "show": shown}
        digest = cohort_file.fingerprint(self.keys, shown, entries)
        return File(digest, None if digest in known else cohort_file.whole(self.keys, SANDBOX, head, entries))


SANDBOX = "sandbox"  # the brand of its cursors and of its cohort file, which no real one must be taken for
LISTED, RESET = datetime(2018, 6, 28, 8, 0, tzinfo=UTC), datetime(2018, 7, 2, 9, 30, tzinfo=UTC)
CAST = {"amara": Standing(State.MUST_RESET, 1, LISTED), "emre": Standing(State.CLEARED, 2, RESET)}
