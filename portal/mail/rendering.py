"""Rendering: letters from their folder under `templates/mail`, in the reader's language, without a web request."""

from functools import cache
from textwrap import fill
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal import languages
from portal.config import ROOT
from portal.mail.message import Text

WIDTH = 72  # RFC 3676, section 4.2


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


def render(letter: str, locale: str, **values: Any) -> Text:
    """The three parts of a letter; raises UndefinedError where a value is missing."""
    environment = _environment(locale)
    subject, plain, html = (
        environment.get_template(f"{letter}/{part}").render(locale=locale, **values)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Text(" ".join(subject.split()), _wrapped(plain), html)


def _wrapped(plain: str) -> str:
    # Links stay whole: a mail program must find them on one line.
    lines = (
        fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) if len(line) > WIDTH else line
        for line in plain.splitlines()
    )
    return "\n".join(lines).strip() + "\n"
