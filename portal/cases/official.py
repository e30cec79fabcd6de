"""Official links: the only addresses that an answer may name, so that nobody can be talked into sending another."""

import re
import unicodedata
from collections.abc import Iterator

from portal.incident.file import Incident

# A scheme, a name with a dot, a number of an address on the network, or anything at an @; and dots written as words.
LOOKS_LIKE = re.compile(
    r"[a-z][a-z0-9+.-]*:/+\S*|\S+@\S+|www\.\S+|\S*\w\.[^\W\d_][\w-]+\S*|\b\d{1,3}(?:\.\d{1,3}){3}\S*|javascript:\S*|"
    r"mailto:\S*|\w+\s*[\[({]\s*(?:dot|at|\.|@)\s*[\])}]\s*\w+|hxxps?\S*|\w+\s+dot\s+(?:com|net|org|info|io|nl|uk|eu)\b",
    re.IGNORECASE,
)
AROUND = "\"'“”‘’«»<>()[]{}.,;:!?…"


class StrangeLink(Exception):
    """A text names an address that is not official; `found` is the first."""

    def __init__(self, found: str) -> None:
        super().__init__("an address that is not official")
        self.found = found


def links(incident: Incident) -> frozenset[str]:
    """Every official link and address of the incident file: portals, providers, the regulator, and who answers mail."""
    company = incident.company
    brands = (link for brand in incident.brands for link in (*_pages(brand.origin), brand.email, brand.sender))
    providers = (offer.url for offer in incident.offers)
    people = (company.email, company.data_protection_officer.email, company.regulator.url)
    return frozenset(str(link) for link in (*brands, *providers, *people))


def check(text: str, allowed: frozenset[str]) -> None:
    """Raises StrangeLink where the text names any other link or address, however it is spelled."""
    known = {_plain(link) for link in allowed} | {_plain(link).partition("//")[2] for link in allowed if "//" in link}
    for found in _found(text):
        if _plain(found) not in known:
            raise StrangeLink(found)


def _pages(origin: str) -> tuple[str, ...]:
    return (origin, f"{origin}/help", f"{origin}/help/case")


def _found(text: str) -> Iterator[str]:
    # As a browser or a hasty reader takes it: wide letters, odd dots, and signs that nobody sees.
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    seen = seen.replace("。", ".").replace("․", ".")
    yield from (match[0].strip(AROUND) for match in LOOKS_LIKE.finditer(seen))


def _plain(link: str) -> str:
    return link.strip(AROUND).rstrip("/").casefold()
