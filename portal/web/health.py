"""Health: whether this process lives, and whether it could serve a customer now."""

import structlog
from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import ground, limiter, no_more_than
from portal.limits import REQUESTS_PER_HOST
from portal.migrations import is_current
from portal.web.origins import is_ours

door = Blueprint("health", __name__)


@door.get("/healthz")
@limiter.exempt
def healthz() -> Response:
    """The process answers; says nothing of the database."""
    return jsonify(status="alive")


@door.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the database answers in time and has the tables of this version; 503 if not, and the log says why."""
    reason = _why_not_ready()
    if reason is None:
        return jsonify(status="ready")
    structlog.get_logger().warning("not ready", reason=reason)
    return jsonify(status="not ready"), 503


def init_app(app: Flask) -> None:
    """Open both pages, by any name; must come before hosts are looked at."""
    app.register_blueprint(door)
    app.before_request(_answer_by_number)


def _answer_by_number() -> ResponseReturnValue | None:
    # A balancer asks by our address, not by our name. It hears one word, which names nobody.
    view = PROBES.get(request.path) if request.method in ("GET", "HEAD") else None
    if view is None or is_ours():
        return None
    with limiter.limit(no_more_than(REQUESTS_PER_HOST)):
        return view()


PROBES = {"/healthz": healthz, "/readyz": readyz}


def _why_not_ready() -> str | None:
    try:
        with ground().database.read() as session:
            return None if is_current(session.connection()) else "database is not migrated"
    except SQLAlchemyError as error:
        return f"database is away: {type(error).__name__}"
