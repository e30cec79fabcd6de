"""Gaps: words that a language lacks, and texts that cannot be shown as they are."""

import re
from collections.abc import Iterator
from datetime import date

from portal.incident.faults import Fault
from portal.incident.known import Known
from portal.incident.texts import unsafe_links

SHORT = "words.toml"
LONG = ("what-happened", "concerned", "faq", "real-messages")
UPDATE = re.compile(r"updates/(\d{4}-\d\d-\d\d)-([a-z0-9-]+)\.md")

Place = tuple[str, str, str]


def missing_words(file: str, raw: dict[str, object], known: Known) -> Iterator[Fault]:
    """What the incident names without words for it, and words for what it does not name."""
    for kind in ("categories", "consequences", "advice", "offers"):
        table = raw.get(kind)
        given, wanted = set(table) if isinstance(table, dict) else set(), set(known.names(kind))
        for name in sorted(wanted - given):
            yield Fault(file, f"{kind}.{name}", "has no words", f"Add words for “{name}”.")
        for name in sorted(given - wanted):
            yield Fault(
                file, f"{kind}.{name}", "has words but no meaning", f"Add “{name}” to incident.toml, or remove it."
            )


def faulty_texts(locale: str, files: dict[str, str]) -> Iterator[Fault]:
    """Long texts that are missing, unknown, or hold what a page must not."""
    for name in LONG:
        if not files.get(f"{name}.md", "").strip():
            yield Fault(f"{locale}/{name}.md", "the file", "is missing or empty", "Write this text.")
    for name, text in files.items():
        if name != SHORT:
            found = (*_of_name(name), *_of_title(name, text), *_of_links(text))
            yield from (Fault(f"{locale}/{name}", *place) for place in found)


def _of_name(name: str) -> Iterator[Place]:
    update = UPDATE.fullmatch(name)
    if update and not _is_day(update[1]):
        yield "the name", f"“{update[1]}” is not a day", "Write year, month and day, such as 2018-06-28."
    if not update and name.removesuffix(".md") not in LONG:
        wanted = f"{', '.join(f'{long}.md' for long in LONG)}, or updates/2018-06-28-some-words.md"
        yield "the name", "is not one of a text that we know", f"Use one of: {wanted}."


def _of_title(name: str, text: str) -> Iterator[Place]:
    titled = text.lstrip().startswith("# ")
    if name.startswith("updates/") and not titled:
        yield "line 1", "has no title", "Begin with one, such as “# What we know now”."
    if name.removesuffix(".md") in LONG and titled:
        yield "line 1", "has a title, but its page has one already", "Begin headings with “##”."


def _of_links(text: str) -> Iterator[Place]:
    for link in unsafe_links(text):
        yield (
            "a link",
            f"“{link}” is not one that a page may hold",
            "Link to https pages or to our own, without addresses.",
        )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
