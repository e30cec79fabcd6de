"""How gunicorn listens for us: it waits for nobody for long, names itself to nobody, and logs as we do."""

import logging
import socket
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import Any

import structlog
from gunicorn.glogging import Logger
from gunicorn.http import errors, wsgi
from gunicorn.workers.gthread import TConn, ThreadWorker

from portal.web.headers import headers
from portal.web.requests_log import line_format

STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
log = structlog.get_logger()


class Answer(wsgi.Response):  # type: ignore[misc]
    """An answer that does not say which server wrote it (OPS-10)."""

    def default_headers(self) -> list[str]:
        """The server's own headers, without its name."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]


wsgi.Response = Answer  # gunicorn has no setting for it


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads that nobody can hold for long by saying slowly what he wants."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begun: dict[TConn, float] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """A connection gets a thread, or waits for one."""
        self.begun[conn] = monotonic()
        super().enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """The thread is done with it."""
        self.begun.pop(conn, None)
        super().finish_request(conn, fs)

    def murder_keepalived(self, force: bool = False) -> None:
        """Once a second: listen no longer to whoever has not finished; what he asked for is still answered."""
        late = monotonic() - 2 * self.cfg.keepalive
        for conn in [conn for conn, since in self.begun.items() if since < late]:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)
        super().murder_keepalived(force)

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:
        """Answer what is not HTTP without repeating it, and log its kind only."""
        ours = HTTPStatus.BAD_REQUEST if isinstance(exc, errors.ParseException) else HTTPStatus.INTERNAL_SERVER_ERROR
        status = STATUSES.get(type(exc), ours)
        log.warning("unreadable request", error=type(exc).__name__, status=status.value)
        with suppress(OSError):
            client.sendall(_refusal(status))


class Log(Logger):  # type: ignore[misc]
    """gunicorn's own words, as lines of our log."""

    def setup(self, cfg: Any) -> None:
        """As always, but in our form, which leaves the words of exceptions out."""
        super().setup(cfg)
        for handler in logging.getLogger("gunicorn.error").handlers:
            handler.setFormatter(line_format())


def _refusal(status: HTTPStatus) -> bytes:
    body = b"We could not read that. Go back and try again.\n"
    told = {
        "Connection": "close",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **headers(secure=False),
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body
