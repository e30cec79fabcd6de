"""Problems: what went wrong, told to programs (RFC 9457); every refusal below the addresses that programs ask."""

import json
from http import HTTPStatus

from flask import Response, request

PROGRAMS = "/gate/"
KIND = "application/problem+json"
RETRY_SECONDS = 60
DETAILS = {
    400: "The request could not be read.",
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not work that way.",
    411: "Say how long the body is: Content-Length is missing.",
    413: "The body is too large.",
    415: "The body must be JSON.",
    421: "This host is not ours.",
    429: "Too many requests; wait a minute.",
    500: "This is our fault; we have a note of it.",
    503: "A part of our system does not answer; try again in a minute.",
}


def wanted() -> bool:
    """Whether a program asks, and not a person."""
    return request.path.startswith(PROGRAMS)


def problem(status: int, detail: str = "", **more: object) -> Response:
    """An answer that tells a problem; `more` are members of its own."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    told |= {"detail": detail or DETAILS.get(status, HTTPStatus(status).phrase), **more}
    response = Response(json.dumps(told), status, content_type=KIND)
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
