"""A server behind nginx that notes what it was asked, and answers as a path says."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portal.deployment.finding import Finding, Verdict

WAIT_SECONDS = 2


@dataclass
class Behind:
    """What came through: each path as it was sent, with its headers and the length of its body."""

    asked: list[tuple[str, dict[str, str], int]] = field(default_factory=list)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=lambda: {"Cache-Control": "no-store"})
    together: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))
    port: int = 0

    @property
    def paths(self) -> list[str]:
        """The path of each request."""
        return [path for path, _, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    behind: Behind

    def do_GET(self) -> None:
        """Note it; at /together answer only when somebody else is there too."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.behind.asked.append((self.path, dict(self.headers.items()), len(body)))
        status, told = self.behind.answers.get(self.path, (200, b"ok"))
        if self.path == "/together":
            try:
                self.behind.together.wait(WAIT_SECONDS)
            except threading.BrokenBarrierError:
                status = 500
        self.send_response(status)
        for name, value in {**self.behind.says, "Content-Length": str(len(told))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening(port: int, tls: ssl.SSLContext | None = None) -> Iterator[Behind]:
    """One at this port."""
    behind = Behind(port=port)
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Noting", (_Handler,), {"behind": behind}))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield behind
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def to_mend(*found: Finding) -> list[str]:
    """What the doctor says must be mended."""
    return [f"{one.about}: {one.fact}" for one in found if one.verdict is Verdict.MEND]
