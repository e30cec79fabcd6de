"""Ready answers: what agents often say, one file for each in every language; their first line is the title."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.cases.case import Case, show_number
from portal.incident.file import Incident

FOLDER = Path(__file__).with_name("answers")
FIRST = "en"


@dataclass(frozen=True)
class Ready:
    """One ready answer in one language, its places not filled yet."""

    name: str
    title: str
    text: str


def named() -> tuple[str, ...]:
    """The names of all ready answers."""
    return tuple(sorted(path.stem for path in (FOLDER / FIRST).glob("*.md")))


@cache
def ready(locale: str, name: str) -> Ready:
    """The answer in this language, or in English; raises LookupError where there is none of this name."""
    if name not in named():
        raise LookupError("no such answer")
    paths = (FOLDER / language / f"{name}.md" for language in (locale, locale.partition("_")[0], FIRST))
    text = next(path for path in paths if path.is_file()).read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    return Ready(name, title.removeprefix("# "), body.strip())


def filled(incident: Incident, case: Case, name: str) -> str:
    """The answer for this case; raises LookupError."""
    return fill(incident, case.brand, case.locale, show_number(case.number), name)


def fill(incident: Incident, brand_id: str, locale: str, number: str, name: str) -> str:
    """The answer in this language, with the official addresses of this brand; raises LookupError."""
    brand, offer = incident.brand(brand_id), next(iter(incident.offers), None)
    said = {
        "number": number,
        "brand": brand.name,
        "portal": brand.origin,
        "help_page": f"{brand.origin}/help",
        "phone": brand.phone,
        "email": brand.email,
        "provider": offer.url if offer else brand.origin,
    }
    return ready(locale, name).text.format_map(said)
