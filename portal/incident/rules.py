"""Rules: who was affected, by what a list of customers can tell; the last one holds for everybody else."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from portal.incident.dates import Moment
from portal.incident.section import Brands, Categories, Countries, Lines, Section, listed, wrong

AFFECTED = "AFFECTED"
NOT_AFFECTED = "NOT_AFFECTED"
UNKNOWN = "UNKNOWN"
UNDER_REVIEW = "UNDER_REVIEW"

Result = Literal["AFFECTED", "NOT_AFFECTED", "UNKNOWN", "UNDER_REVIEW"]
Deeds = Annotated[tuple[Literal["bought", "tried"], ...], BeforeValidator(listed)]


class Answer(Section):
    """What an account is told: a result and, if it was affected, the categories."""

    result: Result
    categories: Categories = ()

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.result == AFFECTED) != bool(self.categories):
            raise wrong("categories belong to AFFECTED, and to nothing else", "Add or remove categories")
        return self


class Rule(Answer):
    """An answer for accounts of these countries and brands, with such a purchase; what is not named does not matter.

    A purchase counts from `since` until just before `before`, both in the incident's zone.
    """

    country: Countries = ()
    brand: Brands = ()
    not_country: Countries = ()
    not_brand: Brands = ()
    did: Deeds = ()
    since: Moment | None = None
    before: Moment | None = None
    platform: Lines = ()
    not_platform: Lines = ()

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.country or self.brand or self.not_country or self.not_brand or self.asks_for_purchases):
            raise wrong("a rule without a condition hides the next", "Add country or brand, or use [otherwise]")
        if self.since and self.before and self.before <= self.since:
            raise wrong("before is not after since", "Exchange or correct the two")
        return self

    @property
    def asks_for_purchases(self) -> bool:
        """Whether a customer list alone cannot tell if it holds."""
        return bool(self.did or self.since or self.before or self.platform or self.not_platform)

    def holds(self, brand: str, country: str | None) -> bool:
        """Whether it speaks of such an account; a country that we do not know is in no list of countries."""
        wanted = (not self.country or country in self.country) and (not self.brand or brand in self.brand)
        return wanted and country not in self.not_country and brand not in self.not_brand


def first_answer(rules: tuple[Rule, ...], otherwise: Answer, brand: str, country: str | None) -> Answer:
    """The answer of the first rule that holds, or the last word."""
    found: Answer = next((rule for rule in rules if rule.holds(brand, country)), otherwise)
    return Answer(result=found.result, categories=tuple(sorted(found.categories)))
