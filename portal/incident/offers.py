"""Offers: the help that the company pays for, such as a year of monitoring."""

from collections.abc import Collection
from datetime import date

from pydantic import Field

from portal.incident.section import Categories, Countries, Id, Line, Section, WebAddress


class Offer(Section):
    """A monitoring offer, open until the end of its last day in the incident's zone; `renews`: it goes on by itself."""

    id: Id
    provider: Line
    url: WebAddress
    months: int = Field(ge=1, le=120)
    countries: Countries = ()
    categories: Categories = ()
    minors: bool = False
    deadline: date
    renews: bool = False

    def fits(self, country: str | None, categories: Collection[str], *, minor: bool) -> bool:
        """Whether it is for an affected account like this one; minors get what is made for minors, and nothing else."""
        here = not self.countries or country in self.countries
        exposed = not self.categories or not set(self.categories).isdisjoint(categories)
        return here and exposed and self.minors == minor

    def is_open(self, today: date) -> bool:
        """Whether it may still be taken up; `today` is the day in the incident's zone."""
        return today <= self.deadline
