"""Checks: what an export must not say, as SQL over the accounts or the purchases that it names."""

from portal.cohort.rules import Rules
from portal.cohort.sql import words
from portal.incident.countries import codes

SPELLED = r"\d\d\d\d-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?"
# Nothing but a day, or a day and a time without a zone; the incident file names the zone. The usual spelling comes
# first, because the pattern alone takes as long as reading the file.
WHEN = (
    "CASE WHEN CAST({0} AS VARCHAR) LIKE '____-__-__ __:__:__' THEN TRY_CAST({0} AS TIMESTAMP)"
    f" WHEN regexp_full_match(CAST({{0}} AS VARCHAR), '{SPELLED}') THEN TRY_CAST({{0}} AS TIMESTAMP) END"
)


def of_accounts(rules: Rules) -> dict[str, str]:
    """Each reason to refuse a customer, and its condition."""
    brands = words(brand.id for brand in rules.incident.brands)
    return {
        "no reference": "account_reference = ''",
        "no brand, or an unknown one": f"account_brand NOT IN ({brands})",
        "an unknown country": f"account_country NOT IN ('', {words(sorted(codes()))})",
    }


def of_deeds(rules: Rules) -> dict[str, str]:
    """Each reason to refuse a purchase, and its condition."""
    checks = {
        "no customer": "buyer IS NULL",
        "a moment that is not spelled like 2018-02-28 or 2018-02-28 13:45:00, or does not exist": "moment IS NULL",
        "an unknown state": "did NOT IN ('bought', 'tried', 'neither')",
    }
    if rules.purchases.brand:
        brands = words(brand.id for brand in rules.incident.brands)
        checks["no brand, or an unknown one"] = f"deed_brand NOT IN ({brands})"
    return checks


def any_of(checks: dict[str, str]) -> str:
    """The condition that one of the reasons holds."""
    return " OR ".join(f"({condition})" for condition in checks.values())
