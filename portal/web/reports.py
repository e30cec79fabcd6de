"""Reports of browsers about what our policy stopped: kept as directive, origin and page, and nothing else."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, abort, request
from flask.typing import ResponseReturnValue

from portal.extensions import limiter, no_more_than
from portal.limits import REPORTS_PER_HOST
from portal.web.fetch_metadata import post_class

LARGEST_BYTES = 16 * 1024
MOST_A_REQUEST = 10
KINDS = {"application/csp-report", "application/reports+json", "application/json"}
WORD = re.compile(r"[a-z][a-z-]{0,39}")

door = Blueprint("reports", __name__)


@door.post("/r/csp")
@post_class("report")
@limiter.limit(no_more_than(REPORTS_PER_HOST))
def csp() -> ResponseReturnValue:
    """Take reports of at most 16 KB; browsers send them without saying where they began."""
    if (request.content_length or 0) > LARGEST_BYTES:
        abort(413)
    if request.mimetype not in KINDS:
        abort(415)
    for report in _bodies(request.get_json(force=True)):
        structlog.get_logger().warning("browser report", **scrubbed(report))
    return "", 204


def scrubbed(report: Mapping[str, Any]) -> dict[str, str]:
    """Directive, origin of what was blocked, and path of the page; queries and fragments may hold secrets."""
    directive = _first(report, "effectiveDirective", "effective-directive", "violated-directive", "destination")
    blocked = _first(report, "blockedURL", "blocked-uri")
    page = _first(report, "documentURL", "document-uri")
    return {"directive": _word(directive), "blocked": _origin(blocked), "page": _path(page)}


def init_app(app: Flask) -> None:
    """Open the address that the policy names."""
    app.register_blueprint(door)


def _bodies(sent: object) -> Sequence[Mapping[str, Any]]:
    batch = sent if isinstance(sent, list) else [sent]
    bodies = [one.get("csp-report") or one.get("body") for one in batch if isinstance(one, dict)]
    kept = [body for body in bodies if isinstance(body, dict)][:MOST_A_REQUEST]
    return kept or abort(400)


def _first(report: Mapping[str, Any], *names: str) -> object:
    return next((report[name] for name in names if report.get(name)), None)


def _word(value: object) -> str:
    found = WORD.match(value) if isinstance(value, str) else None
    return found[0] if found else "unknown"


def _origin(value: object) -> str:
    if not isinstance(value, str) or "://" not in value:
        return _word(value)  # such as inline or eval
    try:
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.hostname}"[:100]
    except ValueError:
        return "unknown"


def _path(value: object) -> str:
    try:
        return urlsplit(value).path[:100] if isinstance(value, str) else "unknown"
    except ValueError:
        return "unknown"
