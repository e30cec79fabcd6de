"""Words: what a log-in shows to somebody who must set a new password, and where that is done."""

from portal import languages
from portal.incident.file import Incident


def text(locale: str) -> str:
    """The sentence before the address, in a language."""
    # Whoever stole the password reads this too, so it tells nothing of what happened to whom.
    return languages.translations(locale).gettext(
        "To keep your account safe, you need a new password before you can log in. Set it here:"
    )


def address(incident: Incident, brand: str, locale: str) -> str:
    """The brand's first page, in a language where there is a choice."""
    carried = f"?lang={locale}" if len(incident.locales) > 1 else ""
    return f"{incident.brand(brand).origin}/{carried}"
