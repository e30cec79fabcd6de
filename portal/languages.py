"""Languages: the portal's own words in each language, read from its .po file for pages and letters alike."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.config import ROOT

FOLDER = ROOT / "portal" / "translations"
SOURCE = "en"  # the language that the portal is written in
FILE = "LC_MESSAGES/messages.po"


def files() -> list[Path]:
    """The file of each language besides English."""
    return sorted(FOLDER.glob(f"*/{FILE}"))


def language_of(file: Path) -> str:
    """The language of such a file, as `nl` or `nl_BE`."""
    return file.parent.parent.name


@cache
def translations(locale: str) -> NullTranslations:
    """The words of a language such as `nl` or `nl_BE`, else of its kin without the country, else English."""
    path = _file_of(locale)
    if path is None:
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)


def is_spoken(locale: str) -> bool:
    """Whether the portal has its own words in this language."""
    return locale.split("_")[0] == SOURCE or _file_of(locale) is not None


def _file_of(locale: str) -> Path | None:
    parts = locale.split("_")
    kin = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((path for name in kin if (path := FOLDER / name / FILE).is_file()), None)
