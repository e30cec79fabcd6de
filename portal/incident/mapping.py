"""The mapping: which column of a customer list holds what, and what its spellings mean."""

from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from portal.incident.rules import Result
from portal.incident.section import BrandId, CategoryId, Country, Line, Locale, Section, wrong

Flag = Literal["guest", "social", "minor", "deceased"]


class Values(Section):
    """What the spellings of a list mean, kind by kind: `"USA" = "US"`."""

    country: dict[str, Country] = {}
    brand: dict[str, BrandId] = {}
    locale: dict[str, Locale] = {}
    categories: dict[str, CategoryId] = {}
    result: dict[str, Result] = {}


class Mapping(Section):
    """The columns of a customer list; only the reference and the address must be there."""

    reference: Line
    address: Line
    country: Line | None = None
    brand: Line | None = None
    locale: Line | None = None
    result: Line | None = None
    categories: Line | None = None
    flags: dict[Flag, Line] = {}
    values: Values = Values()
    yes: tuple[str, ...] = ("yes", "true", "y", "1")
    no: tuple[str, ...] = ("no", "false", "n", "0", "")
    separator: str = Field(default=";", min_length=1, max_length=3)
    default_brand: BrandId | None = None
    zone: ZoneInfo = ZoneInfo("UTC")

    @model_validator(mode="after")
    def _knows_the_brand(self) -> Self:
        if not self.brand and not self.default_brand:
            raise wrong("does not say which brand an account belongs to", "Add brand (a column) or default_brand")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a list must have."""
        return tuple(dict.fromkeys((self.reference, self.address, *self.telling)))

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns that say anything besides whose account it is."""
        named = (self.country, self.brand, self.locale, self.result, self.categories)
        return tuple(name for name in (*named, *self.flags.values()) if name)

    def meaning(self, kind: Literal["country", "brand", "locale", "categories", "result"], cell: str) -> str:
        """What a cell of this kind means; itself, if the mapping does not say."""
        meanings: dict[str, str] = getattr(self.values, kind)
        return meanings.get(cell.strip(), cell.strip())

    def flag(self, cell: str) -> bool | None:
        """Yes or no as this list spells it; None for anything else."""
        said = cell.strip().lower()
        return True if said in self.yes else False if said in self.no else None
