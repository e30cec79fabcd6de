"""Cookies: ours are `__Host-`, Secure, HttpOnly, and all but one Strict; plain http to this machine has no prefix."""

from flask import Response, request

from portal.web.origins import is_secure


def read(name: str) -> str:
    """The cookie's value, or an empty text."""
    return request.cookies.get(_full(name), "")


def keep(response: Response, name: str, value: str, seconds: int, *, comes_back: bool = False) -> None:
    """Let the browser keep a value for so long; one that `comes_back` is sent when another site leads to us (Lax)."""
    strict = "Lax" if comes_back else "Strict"
    response.set_cookie(
        _full(name), value, max_age=seconds, path="/", secure=is_secure(), httponly=True, samesite=strict
    )


def forget(response: Response, name: str) -> None:
    """Let the browser forget it."""
    keep(response, name, "", 0)


def _full(name: str) -> str:
    return f"__Host-{name}" if is_secure() else name
