"""Rules: who was affected, by what a list of customers can tell; the last one holds for everybody else."""

from typing import Literal, Self

from pydantic import model_validator

from portal.incident.section import Brands, Categories, Countries, Section, wrong

AFFECTED = "AFFECTED"
NOT_AFFECTED = "NOT_AFFECTED"
UNKNOWN = "UNKNOWN"
UNDER_REVIEW = "UNDER_REVIEW"

Result = Literal["AFFECTED", "NOT_AFFECTED", "UNKNOWN", "UNDER_REVIEW"]


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
    """An answer for accounts of these countries and these brands; what is not named does not matter."""

    country: Countries = ()
    brand: Brands = ()

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.country and not self.brand:
            raise wrong("a rule without a condition hides the next", "Add country or brand, or use [otherwise]")
        return self

    def holds(self, brand: str, country: str | None) -> bool:
        """Whether it speaks of such an account; a country that we do not know is in no list of countries."""
        return (not self.country or country in self.country) and (not self.brand or brand in self.brand)


def first_answer(rules: tuple[Rule, ...], otherwise: Answer, brand: str, country: str | None) -> Answer:
    """The answer of the first rule that holds, or the last word."""
    found: Answer = next((rule for rule in rules if rule.holds(brand, country)), otherwise)
    return Answer(result=found.result, categories=tuple(sorted(found.categories)))
