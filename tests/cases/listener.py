"""A help desk that listens: it keeps what it is told, and answers as it is told to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """What came, and the status of the next answers; once they are used up it is 204."""

    port: int = 0
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    drips: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener on a port of its own."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if listener.drips:
                _drip(self.wfile.write, listener.over)
            self.send_response(listener.answers.pop(0) if listener.answers else 204)
            self.send_header("Location", listener.address)
            with suppress(OSError):
                self.end_headers()

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listener
    listener.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _drip(write: Callable[[bytes], object], over: threading.Event) -> None:
    """A sign now and then, for ten seconds at most."""
    for sign in b"HTTP/1.0 204 OK\r\nX-Slow: " + b"x" * 200:
        if not over.wait(0.05):
            with suppress(OSError):
                write(bytes([sign]))
