"""Health: whether this process lives, and whether it could serve a customer now."""

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.config import ROOT
from portal.extensions import ground, limiter

MIGRATIONS = ROOT / "portal" / "migrations"

door = Blueprint("health", __name__)


@door.get("/healthz")
@limiter.exempt
def healthz() -> Response:
    """The process answers; says nothing of the database."""
    return jsonify(status="alive")


@door.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the database answers in time and has the tables of this version; 503 with a reason if not."""
    reason = _why_not_ready(current_app.extensions["newest migration"])
    return (jsonify(status="not ready", reason=reason), 503) if reason else jsonify(status="ready")


def init_app(app: Flask) -> None:
    """Open both pages."""
    app.extensions["newest migration"] = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    app.register_blueprint(door)


def _why_not_ready(newest: str | None) -> str | None:
    try:
        with ground().database.read() as session:
            session.execute(text("select 1"))
            found = session.scalar(text("select version_num from alembic_version"))
    except SQLAlchemyError as error:
        return "database is not migrated" if _answers() else f"database is away: {type(error).__name__}"
    return None if found == newest else "database is not migrated"


def _answers() -> bool:
    try:
        with ground().database.read() as session:
            return bool(session.scalar(text("select 1")))
    except SQLAlchemyError:
        return False
