"""Punctual: what is asked over HTTP is answered whole by a moment, or given up, however slowly it trickles in."""

from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

CONNECTING_SECONDS = 3.0
A_MOMENT = 0.001  # no time at all would be taken for all the time there is


class Punctual(HTTPAdapter):
    """Everything that goes through it must be over by a moment of the monotonic clock; raises Timeout.

    A timeout of the library counts between two bytes, and a byte a second would hold a thread for ever. Only the
    look-up of names is left to the patience of the machine.
    """

    def __init__(self, until: float) -> None:
        super().__init__()
        self.until = until

    def send(self, request: PreparedRequest, *said: Any, **more: Any) -> Response:
        """Ask, and read the whole answer."""
        left = max(self.until - monotonic(), A_MOMENT)
        return super().send(request, *said, **{**more, "timeout": (min(CONNECTING_SECONDS, left), left)})

    def get_connection_with_tls_context(self, *said: Any, **more: Any) -> Any:
        """A line whose answers are read until that moment."""
        pool: Any = super().get_connection_with_tls_context(*said, **more)
        answer = type("Answer", (_Answer,), {"until": self.until})
        pool.ConnectionCls = type("Line", (type(pool).ConnectionCls,), {"response_class": answer})
        return pool


class _Answer(HTTPResponse):
    """An answer, from its first line on."""

    until: float

    def __init__(self, line: socket, *said: Any, **more: Any) -> None:
        super().__init__(line, *said, **more)
        self.fp = BufferedReader(_Reading(self.fp.detach(), line, self.until))


class _Reading(RawIOBase):
    """What comes over a line; each piece may take as long as there is left."""

    def __init__(self, raw: RawIOBase, line: socket, until: float) -> None:
        super().__init__()
        self.raw, self.line, self.until = raw, line, until

    def readable(self) -> bool:
        """Of course."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """The next piece; raises TimeoutError."""
        self.line.settimeout(max(self.until - monotonic(), A_MOMENT))
        return self.raw.readinto(buffer)

    def close(self) -> None:
        """Let the line go."""
        self.raw.close()
        super().close()
