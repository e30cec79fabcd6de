"""What may be kept: information pages by any cache for five minutes, and by ourselves; everything else by nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, cast

from flask import Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from portal.extensions import ground
from portal.web.locales import chosen_locale, spoken_locale
from portal.web.origins import asked_brand

P = ParamSpec("P")
PUBLIC_SECONDS = 300
ASK_FIRST = "private, no-cache"  # who asked may keep it, and asks each time whether it is still good


@dataclass(frozen=True)
class Kept:
    """A page as it was written, and until when it is good."""

    body: bytes
    kind: str
    until: datetime


def public_page(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Mark a page as the same for everyone, so that a cache may keep it; it cannot set cookies."""

    @wraps(view)
    def public(*args: P.args, **kwargs: P.kwargs) -> Response:
        name, pages, now = _name(), _pages(), ground().clock()
        held = pages.get(name)
        if held is not None and now < held.until:
            g.may_be_kept = True
            return Response(held.body, content_type=held.kind)
        response = make_response(view(*args, **kwargs))
        if response.status_code == 200:
            g.may_be_kept = True
            # What a visitor could vary without end is not kept here, nor what its author is still changing.
            if not request.view_args and not current_app.debug:
                pages[name] = Kept(response.get_data(), response.content_type, now + timedelta(seconds=PUBLIC_SECONDS))
        return response

    return public


def never_keep() -> None:
    """Nobody may keep the answer to this request, whatever the page says (rehearsals)."""
    g.must_not_be_kept = True


def init_app(app: Flask) -> None:
    """Say on every answer who may keep it."""
    app.extensions["pages"] = {}
    app.after_request(_say_who_may_keep)


def _name() -> tuple[str | None, ...]:
    """All that a public page may differ by: which page, whose, in which language, and whether its links carry that."""
    brand = asked_brand()
    return request.endpoint, brand.id if brand else None, spoken_locale(), chosen_locale()


def _pages() -> dict[tuple[str | None, ...], Kept]:
    return cast(dict[tuple[str | None, ...], Kept], current_app.extensions["pages"])


def _say_who_may_keep(response: Response) -> Response:
    if g.get("may_be_kept") and not g.get("must_not_be_kept") and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
        response.headers["Vary"] = "Accept-Language"
        response.headers.remove("Set-Cookie")
    elif not response.headers.get("Cache-Control", "").endswith(("immutable", ASK_FIRST)):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie"
    return response
