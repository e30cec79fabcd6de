"""A help desk that listens: it keeps what it is told, and answers as it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """What came, and the status of the next answers; once they are used up it is 204."""

    port: int = 0
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

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
            self.send_response(listener.answers.pop(0) if listener.answers else 204)
            self.send_header("Location", listener.address)
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listener
    server.shutdown()
    server.server_close()
    thread.join()
