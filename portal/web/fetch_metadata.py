"""Who may post: browsers tell where a request began (Fetch Metadata), and each post belongs to one class."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from portal.web.origins import speaking_origin

P = ParamSpec("P")
R = TypeVar("R")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OWN_SITES = {None, "none", "same-origin"}


class ForeignPost(Forbidden):
    """A form that was not sent from our own pages; its page explains how to go on."""


def post_class(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Put a view into one class of posts; raises TypeError where it has one already."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        if hasattr(view, "post_class"):
            raise TypeError(f"{view.__qualname__} is in a class of posts already")
        view.post_class = name  # type: ignore[attr-defined]
        return view

    return mark


def public_post(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Accept a post only from our own pages, without a token, because those pages are cached (SES-08)."""

    @post_class("public")
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if request.method not in SAFE_METHODS and not _began_here():
            raise ForeignPost
        return make_response(view(*args, **kwargs))

    return guarded


def init_app(app: Flask) -> None:
    """Refuse what other sites begin, and any post whose view is in no class."""
    app.before_request(_refuse_foreign_requests)
    app.before_request(_refuse_unclassed_posts)


def _began_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == speaking_origin()


def _refuse_foreign_requests() -> None:
    # A link on another site may open a page; nothing else that another site begins is answered (WEB-11).
    if request.headers.get("Sec-Fetch-Site") in OWN_SITES or _class_of_view() == "report":
        return
    modes = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    if request.method not in ("GET", "HEAD") or modes != ("navigate", "document"):
        raise ForeignPost if request.method == "POST" else Forbidden


def _refuse_unclassed_posts() -> None:
    if request.method not in SAFE_METHODS and request.endpoint and _class_of_view() is None:
        abort(403)


def _class_of_view() -> str | None:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "post_class", None)
