"""Tallies: how many accounts have which answer, by country, brand and category."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.cohort.exposures import Exposure
from portal.identity.customers import Customer
from portal.incident.rules import AFFECTED, NOT_AFFECTED

WITHDRAWN = "WITHDRAWN"


@dataclass
class Tally:
    """Counts of accounts; those by category count the affected ones, each once for every category of theirs."""

    results: Counter[str] = field(default_factory=Counter)
    brands: Counter[tuple[str, str]] = field(default_factory=Counter)
    countries: Counter[tuple[str, str]] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)

    def add(self, brand: str, country: str | None, result: str, categories: str, accounts: int = 1) -> None:
        """Count accounts of one kind."""
        self.results[result] += accounts
        self.brands[brand, result] += accounts
        self.countries[country or "", result] += accounts
        for category in filter(None, categories.split(",")):
            self.categories[category] += accounts

    def join(self, other: "Tally") -> None:
        """Count what another part of the same list counted."""
        for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True):
            mine.update(theirs)

    @property
    def accounts(self) -> int:
        """How many accounts there are in all."""
        return self.results.total()


def holds_at(number: int) -> ColumnElement[bool]:
    """The exposures that are the answer as of a revision."""
    return and_(
        Exposure.from_revision <= number,
        or_(Exposure.until_revision.is_(None), Exposure.until_revision > number),
    )


def of_revision(session: Session, number: int) -> Tally:
    """The tally of every account as of a revision, not only of those that it listed."""
    earlier = aliased(Exposure)
    was_affected = exists().where(
        earlier.customer_id == Exposure.customer_id,
        earlier.result == AFFECTED,
        earlier.from_revision < Exposure.from_revision,
    )
    shown = case((and_(Exposure.result == NOT_AFFECTED, was_affected), WITHDRAWN), else_=Exposure.result).label("shown")
    kinds = (Customer.brand, Customer.country, shown, Exposure.categories)
    tally = Tally()
    for row in session.execute(select(*kinds, func.count()).join(Customer).where(holds_at(number)).group_by(*kinds)):
        tally.add(*row)
    return tally
