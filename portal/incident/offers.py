"""Offers: the help that the company pays for, such as a year of monitoring."""

from datetime import date

from pydantic import Field

from portal.incident.section import Categories, Countries, Id, Line, Section, WebAddress


class Offer(Section):
    """A monitoring offer; it may be taken up until the end of its last day, in the incident's zone."""

    id: Id
    provider: Line
    url: WebAddress
    months: int = Field(ge=1, le=120)
    countries: Countries = ()
    categories: Categories = ()
    minors: bool = False
    deadline: date
