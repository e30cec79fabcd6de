"""Health: whether this process lives, and whether it could serve a customer now."""

from flask import Blueprint, Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import ground, limiter
from portal.migrations import is_current

door = Blueprint("health", __name__)


@door.get("/healthz")
@limiter.exempt
def healthz() -> Response:
    """The process answers; says nothing of the database."""
    return jsonify(status="alive")


@door.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the database answers in time and has the tables of this version; 503 with a reason if not."""
    reason = _why_not_ready()
    return (jsonify(status="not ready", reason=reason), 503) if reason else jsonify(status="ready")


def init_app(app: Flask) -> None:
    """Open both pages."""
    app.register_blueprint(door)


def _why_not_ready() -> str | None:
    try:
        with ground().database.read() as session:
            return None if is_current(session.connection()) else "database is not migrated"
    except SQLAlchemyError as error:
        return f"database is away: {type(error).__name__}"
