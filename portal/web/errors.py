"""Errors: each page says what happened and what to do next, and none of them asks the database."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from portal.config import ROOT
from portal.database import is_outage
from portal.web import problems
from portal.web.fetch_metadata import ForeignPost
from portal.web.origins import is_ours
from portal.web.requests_log import request_id

RETRY_SECONDS = 60


@dataclass(frozen=True)
class Words:
    """What an error page says."""

    title: LazyString
    happened: LazyString
    todo: LazyString


GO_BACK = _("Go back and try again. If that does not help, start at our first page.")
WORDS = {
    400: Words(_("We could not read that"), _("Something in the request was not as we expect it."), GO_BACK),
    403: Words(_("We did not accept that"), _("Perhaps your visit has ended, or you may not do this."), GO_BACK),
    404: Words(
        _("There is no page here"),
        _("The address may be wrong, or only half of it was copied."),
        _("If you came from a letter of ours, open its link again, or copy all of it. Or start at our first page."),
    ),
    405: Words(_("This page does not work that way"), _("The page was opened in a way it does not know."), GO_BACK),
    413: Words(
        _("That was too much"),
        _("What you sent is too large for us."),
        _("Go back, make it shorter, and send it again."),
    ),
    415: Words(_("We could not read that"), _("What you sent is of a kind that we do not take."), GO_BACK),
    421: Words(
        _("This is not our address"),
        _("You asked us for a site that we do not run."),
        _("Check the address in your letter."),
    ),
    429: Words(
        _("Too many requests at once"),
        _("We have had very many requests from your network in a short time. Nothing of yours is lost."),
        _("Wait a minute, then try again."),
    ),
    500: Words(
        _("Something broke on our side"),
        _("This is our fault, not yours. We have a note of it and will look into it."),
        _("Try again in a few minutes. If it happens again, tell us the number below."),
    ),
    503: Words(
        _("We cannot do this right now"),
        _("A part of our system does not answer. What you did last may not have been saved."),
        _("Try again in a minute. The pages with news and answers still work."),
    ),
}
FOREIGN_POST = Words(
    _("Please send this from our own page"),
    _("Your browser did not tell us that this form came from our page. So, to be safe, we did nothing."),
    _("Open our first page and try again there. If it happens again, use another browser."),
)


def init_app(app: Flask) -> None:
    """Answer every kind of failure with a page."""
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(Exception, _answer_unexpected)


def page(status: int, words: Words | None = None) -> Response:
    """The error page for a status, with the exact status and what to do next; programs get a problem instead."""
    if problems.wanted():
        return problems.problem(status)
    words = words or WORDS.get(status) or WORDS[400 if status < 500 else 500]
    words, name = (words, "errors/page.html") if is_ours() else (WORDS[421], "errors/foreign_host.html")
    number = request_id() if status == 500 else None
    response = make_response(render_template(name, words=words, number=number), status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _answer(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = page(error.code, FOREIGN_POST if isinstance(error, ForeignPost) else None)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _answer_unexpected(error: Exception) -> Response:
    away = isinstance(error, PoolExhausted) or (isinstance(error, SQLAlchemyError) and is_outage(error))
    if current_app.testing and not away:
        raise error
    happened = "database away" if away else "unexpected"
    structlog.get_logger().error(happened, error=type(error).__name__, where=_where(error), endpoint=request.endpoint)
    return page(503 if away else 500)


def _where(error: BaseException) -> str:
    # The place in our own code, without the words of the exception, which may quote a customer.
    place, trace = "elsewhere", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(ROOT / "portal"):
            place = f"{file.relative_to(ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
