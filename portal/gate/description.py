"""The description of the gate (OpenAPI 3.1), gathered from its addresses and shapes."""

from http import HTTPStatus
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from portal.gate.shapes import Problem
from portal.web.problems import KIND

SCHEME = "key"
TOLD = (
    "The company's own log-in asks here whether an account must set a new password before it may log in. "
    "Ask after a correct password only: asked before it, your log-in would tell anybody which accounts must reset."
)
EVERYWHERE = (400, 401, 403, 404, 405, 411, 413, 415, 422, 429, 500, 503)


def problems(*statuses: int) -> dict[str | int | HTTPStatus, Any]:
    """How refusals are described."""
    content = {KIND: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {one: {"description": HTTPStatus(one).phrase, "content": content} for one in statuses}


def describe(door: APIBlueprint) -> dict[str, Any]:
    """The whole description; names no server, since each brand's address answers."""
    bearer = {"type": "http", "scheme": "bearer", "description": "A key that `flask gate keys new` made."}
    info = Info(title="The gate", version="1", description=TOLD)
    app = OpenAPI(__name__, info=info, doc_ui=False, security_schemes={SCHEME: bearer}, validation_error_model=Problem)
    app.register_api(door)
    return app.api_doc
