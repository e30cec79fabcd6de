"""Brackets around everything that was translated, and what a page or letter says outside of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from html.parser import HTMLParser

from babel.support import NullTranslations
from pydantic import BaseModel

SPOKEN = {"aria-label", "alt", "title", "placeholder", "label"}
UNSPOKEN = {"script", "style"}
WITHIN = re.compile(r"⟦[^⟦⟧]*⟧")
# What Babel writes, and what is the same in every language.
DATE = re.compile(r"\d{1,2} \w+ \d{4}(?:, \d\d:\d\d \([^)]*\))?")
ADDRESS = re.compile(r"https?://\S+|\S+@\S+|\+[\d ]+")
WORD = re.compile(r"[^\W\d_]{2,}")


class Bracketed(NullTranslations):
    """Translations that show where they are."""

    def __init__(self, inner: NullTranslations) -> None:
        super().__init__()
        self.inner = inner

    def gettext(self, message: str) -> str:
        return f"⟦{self.inner.gettext(message)}⟧"

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        return f"⟦{self.inner.ngettext(singular, plural, num)}⟧"

    ugettext = gettext
    ungettext = ngettext


@dataclass
class Spoken(HTMLParser):
    """Everything that a page says to eyes and ears."""

    html: str

    def __post_init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = ""
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes that are read out are said too."""
        self._silent = tag if tag in UNSPOKEN else ""
        self.texts += [value or "" for name, value in attrs if name in SPOKEN or name.startswith("data-i18n")]

    def handle_endtag(self, tag: str) -> None:
        """Scripts and styles end here."""
        self._silent = ""

    def handle_data(self, data: str) -> None:
        """Words between tags."""
        if not self._silent:
            self.texts.append(data)


def strings(held: object) -> Iterator[str]:
    """Every string within a model, however deep; of HTML, its words."""
    if isinstance(held, str):
        yield from (" ".join(text.split()) for text in Spoken(held).texts)
    elif isinstance(held, Mapping):
        yield from (text for value in held.values() for text in strings(value))
    elif isinstance(held, BaseModel) or is_dataclass(held):
        yield from (text for value in vars(held).values() for text in strings(value))
    elif isinstance(held, Iterable) and not isinstance(held, bytes):
        yield from (text for value in held for text in strings(value))


def outside(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    """The words that stand in no bracket and are not known, each with what is around it."""
    said = "\n".join(" ".join(text.split()) for text in texts)
    while WITHIN.search(said):
        said = WITHIN.sub(" ", said)
    for text in sorted(set(known), key=len, reverse=True):
        said = said.replace(text, " ") if WORD.search(text) else said
    for pattern in (DATE, ADDRESS):
        said = pattern.sub(" ", said)
    return [line.strip() for line in said.splitlines() if WORD.search(line)]
