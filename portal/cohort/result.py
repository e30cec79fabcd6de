"""The result: what an account is told as of a revision, since when, and what was said before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cohort.exposures import Exposure
from portal.cohort.tally import WITHDRAWN
from portal.identity.customers import Customer
from portal.incident.revisions import Revision
from portal.incident.rules import AFFECTED, NOT_AFFECTED


@dataclass(frozen=True)
class Said:
    """One answer: AFFECTED, NOT_AFFECTED, UNKNOWN, UNDER_REVIEW or WITHDRAWN; from which revision on, made when."""

    result: str
    categories: tuple[str, ...]
    since: int
    at: datetime


@dataclass(frozen=True)
class AccountAnswer:
    """What an account is told now, what it was told before if that was something else, and whether that is disputed."""

    customer: Customer
    now: Said
    before: Said | None
    disputed: bool = False

    @property
    def result(self) -> str:
        """The result that holds."""
        return self.now.result

    @property
    def categories(self) -> tuple[str, ...]:
        """The ids of the categories that were exposed, sorted."""
        return self.now.categories

    @property
    def since(self) -> int:
        """The revision that this answer came with."""
        return self.now.since

    @property
    def added(self) -> tuple[str, ...]:
        """Categories that the answer before did not name."""
        return tuple(one for one in self.now.categories if self.before and one not in self.before.categories)

    @property
    def removed(self) -> tuple[str, ...]:
        """Categories that only the answer before named."""
        return tuple(one for one in (self.before.categories if self.before else ()) if one not in self.now.categories)

    def changed_in(self, number: int) -> bool:
        """Whether it was this revision that changed an earlier answer."""
        return self.before is not None and self.now.since == number


def answers(session: Session, customers: Sequence[Customer], number: int) -> list[AccountAnswer]:
    """Each account's answer as of a committed revision, in the order given; one query."""
    rows = session.execute(
        select(Exposure, Revision.committed_at)
        .join(Revision, Revision.number == Exposure.from_revision)
        .where(Exposure.customer_id.in_([customer.id for customer in customers]), Exposure.from_revision <= number)
        .order_by(Exposure.from_revision)
    )
    history: defaultdict[UUID, list[Said]] = defaultdict(list)
    for exposure, committed_at in rows:
        if committed_at is not None:
            said = history[exposure.customer_id]
            said.append(_said(exposure, committed_at, said))
    # An account whose first answer is younger than this revision has none as of it.
    return [AccountAnswer(one, *_latest(history[one.id])) for one in customers if history[one.id]]


def _said(exposure: Exposure, at: datetime, earlier: list[Said]) -> Said:
    was_affected = any(said.result == AFFECTED for said in earlier)
    result = WITHDRAWN if exposure.result == NOT_AFFECTED and was_affected else exposure.result
    return Said(result, tuple(filter(None, exposure.categories.split(","))), exposure.from_revision, at)


def _latest(history: list[Said]) -> tuple[Said, Said | None]:
    return history[-1], history[-2] if len(history) > 1 else None
