"""The sheet: everything that stands in incident.toml itself, before any words."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from portal.incident.advice import Advice, Consequence
from portal.incident.brands import Brand
from portal.incident.categories import Category
from portal.incident.company import Company
from portal.incident.dates import Dates
from portal.incident.mapping import Mapping
from portal.incident.offers import Offer
from portal.incident.rules import Answer, Rule
from portal.incident.section import AtLeastOne, Line, Section

LocaleCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?$")]


class Sheet(Section):
    """One incident; the first language is spoken to those who ask for none of the others."""

    name: Line
    zone: ZoneInfo
    locales: AtLeastOne[LocaleCode]
    purge: date
    dates: Dates
    company: Company
    brands: AtLeastOne[Brand]
    categories: AtLeastOne[Category]
    consequences: tuple[Consequence, ...] = ()
    advice: tuple[Advice, ...] = ()
    rules: AtLeastOne[Rule]
    otherwise: Answer
    mapping: Mapping
    offers: tuple[Offer, ...] = ()
    code_first: bool = False  # the code comes before the new password
