"""Which language a page speaks, and how that choice is carried along without a cookie."""

from typing import Any

from babel import Locale
from flask import Flask, has_request_context, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException

from portal.extensions import babel
from portal.web.origins import site


def chosen_locale() -> str | None:
    """The language that the visitor chose by `lang` in the address or form, if we speak it."""
    try:
        asked = request.args.get("lang") or request.form.get("lang")
    except HTTPException:  # a form too large to be read chooses nothing
        return None
    return asked if asked in site().locales else None


def spoken_locale() -> str:
    """The language of this request as the incident spells it: chosen, else the browser's best, else the first."""
    return chosen_locale() or _browsers_best() or site().locales[0]


def select_locale() -> str:
    """The language of this request as Babel spells it."""
    return spoken_locale().replace("-", "_")


def language_tag() -> str:
    """The language of this request as HTML wants it (BCP 47)."""
    return str(_current()).replace("_", "-")


def direction() -> str:
    """`rtl` for languages that are written from right to left, else `ltr`."""
    return _current().text_direction


def language_links() -> list[dict[str, str]]:
    """The other ways to read this page: tag, name in its own language, and address; empty if there is but one."""
    # A page that answers a form cannot be opened again by its address, so its links lead to the first page.
    here = "" if request.method in ("GET", "HEAD") else "/"
    links = [
        {"tag": name.replace("_", "-"), "name": _own_name(name), "href": f"{here}?lang={name}"}
        for name in site().locales
    ]
    return links if len(links) > 1 else []


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us, and let every address carry a chosen language."""
    zone = str(app.extensions["incident"].zone)
    babel.init_app(app, locale_selector=select_locale, timezone_selector=lambda: zone)
    app.url_defaults(_carry_language)


def _browsers_best() -> str | None:
    exact = {name.replace("_", "-").lower(): name for name in site().locales}
    kin = {tag.split("-")[0]: name for tag, name in reversed(exact.items())}
    wanted = [asked.lower() for asked, quality in request.accept_languages if quality > 0]
    return next((found for tag in wanted if (found := exact.get(tag) or kin.get(tag.split("-")[0]))), None)


def _own_name(name: str) -> str:
    locale = Locale.parse(name.replace("-", "_"))
    return locale.get_display_name(locale) or name


def _current() -> Locale:
    return get_locale() or Locale.parse(select_locale())


def _carry_language(endpoint: str, values: dict[str, Any]) -> None:
    if has_request_context() and not endpoint.startswith(("assets.", "reports.")) and (chosen := chosen_locale()):
        values.setdefault("lang", chosen)
