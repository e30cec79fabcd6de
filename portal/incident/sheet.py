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
from portal.incident.section import Line, Section

LocaleCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?$")]


class Sheet(Section):
    """One incident; the first language is spoken to those who ask for none of the others."""

    name: Line
    zone: ZoneInfo
    locales: tuple[LocaleCode, ...] = Field(min_length=1)
    purge: date
    dates: Dates
    company: Company
    brands: tuple[Brand, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    consequences: tuple[Consequence, ...] = ()
    advice: tuple[Advice, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1)
    otherwise: Answer
    mapping: Mapping
    offers: tuple[Offer, ...] = ()
