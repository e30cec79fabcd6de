"""`flask dev translations`: gather the portal's words, and bring every language's file up to date with them."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.config import ROOT
from portal.languages import FILE, FOLDER, files, language_of

HEADER = "# {} of the breach portal; `flask dev translations` keeps it up to date."
METHODS = [
    ("templates/dev/**", "ignore"),  # builders read English
    ("portal/dev/**", "ignore"),
    ("portal/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
OPTIONS = {"templates/**.html": {"silent": "false"}, "templates/**.txt": {"silent": "false"}}
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
WIDTH = 120


def gathered() -> Catalog:
    """Every string that a page or letter may say, with the files that say it."""
    found = Catalog(charset="utf-8")
    for folder in ("portal", "templates"):
        every = extract_from_dir(str(ROOT / folder), _within(folder, METHODS), _options(folder), keywords=KEYWORDS)
        for name, _line, message, comments, context in every:
            found.add(message, locations=[(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return found


def held(path: Path) -> Catalog:
    """What a language's file holds."""
    with path.open("rb") as file:
        return read_po(file, locale=language_of(path), abort_invalid=True)


def gaps(path: Path, wanted: Catalog) -> Iterator[str]:
    """What is wrong with a language's file, string by string, and where the string is said."""
    found = held(path)
    for message in wanted:
        if message.id and (ours := found.get(message.id, message.context)) is None:
            yield f"missing: {_shown(message)}"
        elif message.id and not all(_texts(ours)):
            yield f"untranslated: {_shown(message)}"
    for message in found:
        if message.id and message.fuzzy:
            yield f"unsure: {_shown(message)}"
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"outdated: {_shown(message)}"
        if message.id and all(_texts(message)) and not _fits(message):
            yield f"other placeholders: {_shown(message)}"
    yield from (f"outdated: {_shown(message)}" for message in found.obsolete.values())


def bring_up_to_date(path: Path, wanted: Catalog) -> None:
    """Write a language's file anew: new strings come empty, outdated ones go, nothing is guessed."""
    catalog = held(path) if path.exists() else _begun(language_of(path))
    catalog.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    catalog.header_comment = HEADER.format(catalog.locale.english_name if catalog.locale else "Words")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=WIDTH, ignore_obsolete=True, include_lineno=False, sort_by_file=True)


@click.command("translations")
@click.argument("new", required=False, metavar="[LOCALE]")
def translations(new: str | None) -> None:
    """Bring every language's file up to date; with LOCALE, begin another language."""
    wanted = gathered()
    for path in sorted({*files(), *([FOLDER / new / FILE] if new else [])}):
        try:
            bring_up_to_date(path, wanted)
        except (UnknownLocaleError, ValueError):
            raise click.ClickException(f"“{new}” is no language that we know; say `nl` or `nl_BE`.") from None
        left = list(gaps(path, wanted))
        for gap in left:
            click.echo(gap)
        click.echo(f"{language_of(path)}: {len(wanted)} strings, {len(left)} to do in {path.relative_to(ROOT)}.")


def _begun(locale: str) -> Catalog:
    catalog = Catalog(Locale.parse(locale), project="Breach portal", version="1", fuzzy=False)
    catalog.last_translator = catalog.language_team = "Nobody"
    catalog.msgid_bugs_address = ""
    return catalog


def _texts(message: Message | None) -> tuple[str, ...]:
    said = (message.string if message else None) or ""
    return (said,) if isinstance(said, str) else tuple(said)


def _fits(message: Message) -> bool:
    # A singular may say “one” without a number; all else says what the English says.
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    texts = _texts(message)
    wanted, said = (set(PLACEHOLDER.findall("".join(every))) for every in (ids, texts))
    return wanted == said and set(PLACEHOLDER.findall(texts[-1])) == wanted


def _shown(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return f"“{text}” in {', '.join(sorted({place for place, _line in message.locations}))}"


def _within(folder: str, patterns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.removeprefix(f"{folder}/"), how) for name, how in patterns if name.startswith(f"{folder}/")]


def _options(folder: str) -> dict[str, dict[str, str]]:
    return {name.removeprefix(f"{folder}/"): said for name, said in OPTIONS.items() if name.startswith(f"{folder}/")}
