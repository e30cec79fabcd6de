"""Which language a page speaks, and how that choice is carried along without a cookie."""

from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Domain, get_locale, refresh
from werkzeug.exceptions import HTTPException

from portal import languages
from portal.extensions import babel
from portal.web.origins import site


class OwnWords(Domain):  # type: ignore[misc]
    """The portal's own words, as Flask-Babel asks for them."""

    def get_translations(self) -> NullTranslations:
        """Those of the language of this request."""
        return languages.translations(str(_current()))


def chosen_locale() -> str | None:
    """The language that the visitor chose by `lang` in the address or form, if we speak it."""
    try:
        asked = request.args.get("lang") or request.form.get("lang")
    except HTTPException:  # a form too large to be read chooses nothing
        return None
    return asked if asked in site().locales else None


def spoken_locale() -> str:
    """The language of this request as the incident spells it: chosen, kept, the browser's best, or the first."""
    return chosen_locale() or g.get("kept_locale") or _usual_locale()


def keep_locale(locale: str | None) -> None:
    """Speak the language that a visit keeps, if it is still one of ours and the request chooses no other."""
    if locale in site().locales:
        g.kept_locale = locale
        refresh()


def select_locale() -> str:
    """The language of this request as Babel spells it; commands speak English."""
    return spoken_locale().replace("-", "_") if has_request_context() else "en"


def language_tag() -> str:
    """The language of this request as HTML wants it (BCP 47)."""
    return str(_current()).replace("_", "-")


def direction() -> str:
    """`rtl` for languages that are written from right to left, else `ltr`."""
    return _current().text_direction


def language_links() -> list[dict[str, str]]:
    """The other ways to read this page: tag, name in its own language, and address; empty if there is but one."""
    # What answers forms only cannot be opened by its address, so the links on it lead to the first page.
    here = "" if current_app.url_map.bind("").test(request.path, "GET") or request.method == "GET" else "/"
    links = [
        {"tag": name.replace("_", "-"), "name": _own_name(name), "href": f"{here}?lang={name}"}
        for name in site().locales
    ]
    return links if len(links) > 1 else []


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us, and let every address carry a chosen language."""
    zone = str(app.extensions["incident"].zone)
    babel.init_app(app, locale_selector=select_locale, timezone_selector=lambda: zone)
    babel.domain_instance = OwnWords()
    app.add_template_global(chosen_locale)
    app.url_defaults(_carry_language)


def _usual_locale() -> str:
    return _browsers_best() or site().locales[0]


def _carried_locale() -> str | None:
    # What a visit keeps is carried only to pages that would else speak another language.
    kept = g.get("kept_locale")
    return chosen_locale() or (kept if kept != _usual_locale() else None)


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
    if has_request_context() and not endpoint.startswith(("assets.", "reports.")) and (carried := _carried_locale()):
        values.setdefault("lang", carried)
