"""The log: one line of JSON an event on stderr, in UTC, by request id; never an address, a path's parts or a cookie."""

import logging
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, WrappedLogger

KNOWN_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"}
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str) -> None:
    """Set logging up for this process: web, command or worker."""
    structlog.configure(
        processors=[*SHARED, _keep_type_only, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(line_format())
    # Libraries write addresses at INFO (who hit a limit, who asked for what), so only their warnings are kept.
    handler.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    logging.basicConfig(level=handler.level, handlers=[handler], force=True)


def line_format() -> logging.Formatter:
    """How a line of a library looks in our log."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            _keep_type_only,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )


def request_id() -> str:
    """The random name of the request at hand, the same in every line that it causes."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def init_app(app: Flask) -> None:
    """Write one line for each request; must come before other halls, so that it sees their answers."""
    app.before_request(_begin)
    app.after_request(_write)


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=request_id())


def _write(response: Response) -> Response:
    took = time.perf_counter() - g.get("began", time.perf_counter())
    structlog.get_logger().info(
        "request",
        endpoint=request.endpoint,
        method=request.method if request.method in KNOWN_METHODS else "other",
        status=response.status_code,
        ms=round(took * 1000, 1),
    )
    return response


def _keep_type_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # The words of an exception may quote a row, an address or a statement's parameters.
    error = event.pop("exc_info", None)
    error = sys.exc_info() if error is True else error
    kind = error[0] if isinstance(error, tuple) else type(error) if error else None
    if kind:
        event["error"] = kind.__name__
    return event
