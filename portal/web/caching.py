"""What may be kept: information pages by any cache for five minutes, everything else by nobody."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Flask, Response, g, make_response
from flask.typing import ResponseReturnValue

P = ParamSpec("P")
PUBLIC_SECONDS = 300


def public_page(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Mark a page as the same for everyone, so that a cache may keep it; it cannot set cookies."""

    @wraps(view)
    def public(*args: P.args, **kwargs: P.kwargs) -> Response:
        response = make_response(view(*args, **kwargs))
        if response.status_code == 200:
            g.may_be_kept = True
        return response

    return public


def never_keep() -> None:
    """Nobody may keep the answer to this request, whatever the page says (rehearsals)."""
    g.must_not_be_kept = True


def init_app(app: Flask) -> None:
    """Say on every answer who may keep it."""
    app.after_request(_say_who_may_keep)


def _say_who_may_keep(response: Response) -> Response:
    if g.get("may_be_kept") and not g.get("must_not_be_kept") and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
        response.headers["Vary"] = "Accept-Language"
        response.headers.remove("Set-Cookie")
    elif "immutable" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie"
    return response
