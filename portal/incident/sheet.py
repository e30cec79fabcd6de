"""The sheet: everything that stands in incident.toml itself, before any words."""

from datetime import date
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, Field, model_validator

from portal.incident.advice import Advice, Consequence
from portal.incident.brands import Brand
from portal.incident.categories import Category
from portal.incident.company import Company
from portal.incident.dates import Dates
from portal.incident.evidence import GivenAway
from portal.incident.mapping import Mapping
from portal.incident.offers import Offer
from portal.incident.purchases import Purchases
from portal.incident.rules import Answer, Rule
from portal.incident.section import AtLeastOne, Line, Section, wrong


def _spelled(code: str) -> str:
    try:
        Locale.parse(code)
    except UnknownLocaleError:
        raise wrong(f"“{code}” is not a language whose dates we can write", "Use one such as “nl” or “nl_BE”") from None
    return code


LOCALE = r"^[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?$"
LocaleCode = Annotated[str, Field(pattern=LOCALE), AfterValidator(_spelled)]


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
    purchases: Purchases | None = None
    offers: tuple[Offer, ...] = ()
    evidence: GivenAway = GivenAway()
    code_first: bool = False  # the code comes before the new password

    @model_validator(mode="after")
    def _can_look_at_purchases(self) -> Self:
        if not any(rule.asks_for_purchases for rule in self.rules):
            return self
        if not self.purchases:
            raise wrong("a rule asks for purchases, whose columns are not named", "Add [purchases]")
        if not (self.mapping.result and self.mapping.categories):
            raise wrong("a customer list alone cannot tell who bought", "Name result and categories in [mapping]")
        for rule in self.rules:
            if (rule.platform or rule.not_platform) and not self.purchases.platform:
                raise wrong("a rule asks for a platform, whose column is not named", "Name platform in [purchases]")
            if "tried" in rule.did and not self.purchases.state:
                raise wrong("a rule asks who tried, and no column tells it", "Name state in [purchases]")
        return self
