"""Rendering: letters from their folder under `templates/mail`, in the reader's language, without a web request."""

# A letter is rendered once for each brand, language and choice, with places kept free for what differs from person
# to person, and then only filled in.

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from textwrap import fill
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from portal import languages
from portal.config import ROOT
from portal.mail.message import Text

WIDTH = 72  # RFC 3676, section 4.2
SPACE = re.compile("[ \t]")
PARTS = ("subject.txt", "body.txt", "body.html")
# Characters that nobody may give a meaning to but us (Unicode, private use): they mark a free place.
BEGIN, END = "\ue0f0", "\ue0f1"
PLACE = re.compile(f"{BEGIN}(\\w+){END}")


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates" / "mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.globals["direction"] = Locale.parse(locale).text_direction
    spoken = languages.translations(locale)
    environment.install_gettext_translations(spoken, newstyle=True)  # type: ignore[attr-defined]
    return environment


@dataclass(frozen=True)
class _Form:
    """A letter with free places, as formats; of the plain text's lines those with places stand apart."""

    subject: str
    plain: str
    lines: tuple[str, ...]
    html: str

    def filled(self, values: Mapping[str, str]) -> Text:
        """The letter to one person."""
        lines = {str(number): _wrapped(line % values) for number, line in enumerate(self.lines)}
        shown = {name: escape(value) for name, value in values.items()}
        subject, plain = self.subject % values, self.plain % lines
        return Text(" ".join(subject.split()), plain.strip() + "\n", self.html % shown)


def render(letter: str, locale: str, personal: Mapping[str, str], **shared: Any) -> Text:
    """The three parts of a letter; raises UndefinedError where a value is missing.

    What is `personal` is only filled in, so a template may neither ask about it nor change it. All that is `shared`
    is hashable and takes few values.
    """
    return _form(letter, locale, tuple(personal), tuple(shared.items())).filled(personal)


@lru_cache(500)
def _form(letter: str, locale: str, places: tuple[str, ...], shared: tuple[tuple[str, Any], ...]) -> _Form:
    values = dict(shared) | {name: f"{BEGIN}{name}{END}" for name in places}
    environment = _environment(locale)
    subject, plain, html = (
        environment.get_template(f"{letter}/{part}").render(locale=locale, **values) for part in PARTS
    )
    lines = plain.splitlines()
    alone = [line for line in lines if PLACE.search(line)]
    numbers = iter(range(len(alone)))
    whole = [f"%({next(numbers)})s" if PLACE.search(line) else _wrapped(line).replace("%", "%%") for line in lines]
    return _Form(_format(subject), "\n".join(whole), tuple(map(_format, alone)), _format(html))


def _format(text: str) -> str:
    return PLACE.sub(r"%(\1)s", text.replace("%", "%%"))


def _wrapped(text: str) -> str:
    lines = f"{text}\n".splitlines()
    return "\n".join(_folded(line) if len(line) > WIDTH and SPACE.search(line) else line for line in lines)


@lru_cache(500)
def _folded(line: str) -> str:
    # Links stay whole: a mail program must find them on one line.
    return fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
