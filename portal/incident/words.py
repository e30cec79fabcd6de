"""Words: all that an incident says in one language, short and long."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, ValidationError

from portal.incident.faults import Fault, from_pydantic, parse
from portal.incident.gaps import LONG, SHORT, UPDATE, faulty_texts, missing_words
from portal.incident.known import Known
from portal.incident.section import Line, Section
from portal.incident.texts import Text, read_text


class AdviceWords(Section):
    """A piece of advice: what to do in a few words, and how or why."""

    title: Line
    text: Line


class OfferWords(Section):
    """An offer: what it is in a sentence, and what it covers, one thing a line."""

    title: Line
    covers: tuple[Line, ...] = ()


def _titled(value: object) -> object:
    return {"title": value} if isinstance(value, str) else value


class ShortWords(Section):
    """The short words of an incident, by the id of what they name."""

    title: Line
    summary: Line
    hours: Line
    categories: dict[str, Line]
    consequences: dict[str, Line] = {}
    advice: dict[str, AdviceWords] = {}
    offers: dict[str, Annotated[OfferWords, BeforeValidator(_titled)]] = {}


@dataclass(frozen=True)
class Update:
    """What we added on one day."""

    day: date
    slug: str
    text: Text

    @property
    def anchor(self) -> str:
        """Where it stands on the page of updates; the same in every language."""
        return f"{self.slug}-{self.day}"


@dataclass(frozen=True)
class Words:
    """Everything in one language."""

    locale: str
    short: ShortWords
    what_happened: Text
    concerned: Text
    faq: Text
    real_messages: Text
    updates: tuple[Update, ...]

    @property
    def title(self) -> str:
        """What happened, as the heading of the first page."""
        return self.short.title

    @property
    def summary(self) -> str:
        """The whole matter in two or three sentences, before anything else."""
        return self.short.summary

    @property
    def hours(self) -> str:
        """When the telephone is answered."""
        return self.short.hours


def read_words(locale: str, files: dict[str, str], known: Known, faults: list[Fault]) -> Words | None:
    """The words of one language from its files by name; what is wrong is added to the faults."""
    before = len(faults)
    short = _short(locale, files.get(SHORT), known, faults)
    faults.extend(faulty_texts(locale, files))
    if len(faults) > before or short is None:
        return None
    # Only where there is a choice do links carry it.
    carried = f"lang={locale}" if len(known.names("locales")) > 1 else ""
    long = {name.replace("-", "_"): read_text(files[f"{name}.md"], carried) for name in LONG}
    return Words(locale=locale, short=short, updates=_updates(files, carried), **long)


def _updates(files: dict[str, str], carried: str) -> tuple[Update, ...]:
    found = ((UPDATE.fullmatch(name), text) for name, text in files.items())
    updates = [Update(date.fromisoformat(name[1]), name[2], read_text(text, carried)) for name, text in found if name]
    return tuple(sorted(updates, key=lambda one: one.day, reverse=True))


def _short(locale: str, text: str | None, known: Known, faults: list[Fault]) -> ShortWords | None:
    file = f"{locale}/{SHORT}"
    if text is None:
        faults.append(Fault(file, "the file", "is missing", f"Write the short words of “{locale}” there."))
        return None
    raw = parse(file, text, faults)
    if raw is None:
        return None
    faults.extend(missing_words(file, raw, known))
    try:
        return ShortWords.model_validate(raw)
    except ValidationError as error:
        faults.extend(from_pydantic(file, text, error))
        return None
