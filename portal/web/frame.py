"""The frame of every page: who speaks, in which language, and where else to go."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from portal.config import ROOT
from portal.web.locales import direction, language_links, language_tag, spoken_locale
from portal.web.origins import asked_brand, asks_console, is_ours, site

FOOTER = {
    "incident.faq": _("Questions and answers"),
    "incident.updates": _("Updates"),
    "incident.real_messages": _("How to tell a real message"),
    "cases.help": _("Help"),
}


def init_app(app: Flask) -> None:
    """Give every template the values of the frame, and the vendored macros."""
    own = app.jinja_loader or FileSystemLoader(str(ROOT / "templates"))
    vendored = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([own, vendored])
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    """Brand, company, language, and links; a page for a foreign host has no links, as it has no addresses."""
    return {
        "brand": asked_brand() or site().brands[0],
        "company": site().company,
        "hours": site().words(spoken_locale()).hours,
        "language": language_tag(),
        "direction": direction(),
        "languages": language_links(),
        "layout": "layouts/base.html",
        "home": _address("incident.index"),
        "footer_links": [{"href": href, "text": text} for name, text in FOOTER.items() if (href := _address(name))],
    } | (_of_console() if asks_console() else {})


def _of_console() -> dict[str, Any]:
    return {"layout": "layouts/console.html", "home": url_for("console.home.show"), "footer_links": []}


def _address(endpoint: str) -> str | None:
    reachable = request.routing_exception is None or is_ours()
    return url_for(endpoint) if reachable and endpoint in current_app.view_functions else None
