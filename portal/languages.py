"""Languages: the portal's own words in each language, read from its .po file for pages and letters alike."""

from functools import cache
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.config import ROOT

FOLDER = ROOT / "portal" / "translations"
FILE = "LC_MESSAGES/messages.po"


@cache
def translations(locale: str) -> NullTranslations:
    """The words of a language such as `nl` or `nl_BE`, else of its kin without the country, else English."""
    parts = locale.split("_")
    kin = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    path = next((path for name in kin if (path := FOLDER / name / FILE).is_file()), None)
    if path is None:
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
