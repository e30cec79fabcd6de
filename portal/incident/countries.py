"""Countries: the two-letter codes of ISO 3166."""

from functools import cache

from babel import Locale

# Groups, and codes that stand for no country.
NOT_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@cache
def codes() -> frozenset[str]:
    """Every country code that we know."""
    named = map(str, Locale("en").territories)
    return frozenset(code for code in named if len(code) == 2 and code.isalpha()) - NOT_COUNTRIES


def is_country(code: str) -> bool:
    """Whether this is a country's code, in capital letters."""
    return code in codes()
