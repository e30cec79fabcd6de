"""Letting go: once a request is answered, no object holds its password, even before the collector of cycles comes."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from tests.requirements import requirement
from tests.reset.bench import form_on
from tests.visitor import InProcess, Visitor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Put together only while it is sent: as a whole it would stand in the code of this module.
PARTS = ("zebra", "finch")
GOOD = ("nine {}es née Æther 8861", 1)
SENT = {"taken": (303, *GOOD), "too short": (400, "{}", 1), "too long": (400, GOOD[0], 9), "forged": (403, *GOOD)}


@contextmanager
def uncollected() -> Iterator[None]:
    """Let cycles stay where they are for a while."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def holders() -> list[object]:
    """Whatever refers to a text with the password in it."""
    return [
        kept
        for kept in gc.get_objects()
        for held in gc.get_referents(kept)
        if isinstance(held, str) and len(held) < 1000 and all(part in held for part in PARTS)
    ]


@requirement("PWD-09")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("status", "password", "times"), SENT.values(), ids=SENT)
def test_no_object_keeps_a_password_that_was_answered(
    emre: Visitor, portal: Flask, status: int, password: str, times: int
) -> None:
    form, browser = form_on(emre.get("/password")), emre.browser
    assert isinstance(browser, InProcess)
    cookie = browser.client.get_cookie("ps")
    assert cookie
    with uncollected():
        fields = {"account": form.account, "password": password.format("".join(PARTS)) * times}
        fields["csrf_token"] = "forged" if status == 403 else form.token
        environ = post(urlencode(fields).encode(), Cookie=f"ps={cookie.value}")
        del fields
        _, said, _ = run_wsgi_app(portal.wsgi_app, environ, buffered=True)
        del environ
        assert said.startswith(str(status))
        assert [kept for kept in holders() if not isinstance(kept, dict) or "PARTS" not in kept] == []


def post(body: bytes, **headers: str) -> "WSGIEnvironment":
    """What a server hands over for this form."""
    environ = create_environ("/password", method="POST", headers={"Sec-Fetch-Site": "same-origin", **headers})
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    environ["REMOTE_ADDR"] = "127.0.0.1"
    environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    return environ
