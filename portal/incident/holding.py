"""The holding page: before the incident is published, the portal shows nothing else, but to a rehearsal."""

from flask import Flask, Response, make_response, render_template, request

from portal.extensions import ground
from portal.incident import rehearsal
from portal.incident.door import current_incident
from portal.web import cookies, metrics, problems
from portal.web.caching import never_keep
from portal.web.origins import asks_console

COOKIE = "rehearsal"
RETRY_SECONDS = 60 * 60
OPEN = ("/healthz", "/readyz", "/r/csp", "/rehearsal")


def init_app(app: Flask) -> None:
    """Stand before every page."""
    app.before_request(_hold)


def _hold() -> Response | None:
    open_anyway = request.path in OPEN or request.path.startswith(("/static/", problems.PROGRAMS)) or asks_console()
    if open_anyway or current_incident().is_published(ground().clock()):
        return None
    never_keep()
    return None if _rehearses() or metrics.may_read() else _page()


def _rehearses() -> bool:
    held = ground()
    key, given = held.settings.rehearsal_key, cookies.read(COOKIE)
    if key is None or not given:
        return False
    return rehearsal.is_pass(held.keys, key.get_secret_value(), given, now=held.clock())


def _page() -> Response:
    # It names nothing: before publication nobody may learn that there is anything to publish.
    response = make_response(render_template("incident/holding.html", footer_links=[], home=None), 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
