"""What is sent to us: measured, small and whole before anybody reads it, or refused; forgotten once answered."""

from io import BytesIO

from flask import Flask, abort, request

from portal.web import problems
from portal.web.fetch_metadata import SAFE_METHODS

LARGEST_BYTES = 64 * 1024  # far more than any form of ours, far less than would hurt us
LARGEST_LIST_BYTES = 256 * 1024  # a thousand references of 200 signs, as a program asks for


def init_app(app: Flask) -> None:
    """Take every body at once; after this nobody waits for more of it."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BYTES
    app.before_request(_take)
    app.teardown_request(_let_go)


def _take() -> None:
    if problems.wanted():
        request.max_content_length = LARGEST_LIST_BYTES
    unmeasured = "Transfer-Encoding" in request.headers
    if unmeasured or request.method in SAFE_METHODS:
        # Browsers measure their forms, and send none with a GET: a cache would keep what such a form chose.
        request.environ["wsgi.input"] = BytesIO()
    if unmeasured:
        abort(411)
    if request.method not in SAFE_METHODS and len(request.get_data()) != (request.content_length or 0):
        abort(400)  # half a form is not what its sender meant


def _let_go(_error: BaseException | None) -> None:
    # An exception may keep the request in a cycle of references, and nobody knows when the collector comes (PWD-09).
    request.environ["wsgi.input"] = BytesIO()
    for kept in ("form", "values", "stream", "_cached_data"):
        vars(request).pop(kept, None)
