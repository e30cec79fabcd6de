"""A tap on the wire: stands between browser and web process, lets everything through, and remembers what was said."""

import socket
import socketserver
import threading
from dataclasses import dataclass, field

from tests.servers.ports import free_port

PIECE = 65536


@dataclass
class Tap:
    """A port that leads to another; holds the bytes that came from browsers, and those that went back."""

    target: int = 0
    port: int = field(default_factory=free_port)
    sent: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)
    _server: socketserver.ThreadingTCPServer | None = None

    @property
    def origin(self) -> str:
        """Where browsers ask."""
        return f"http://127.0.0.1:{self.port}"

    def open(self, target: int) -> None:
        """Let through what comes, to this port of this machine."""
        self.target, tap = target, self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                tap.join(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """Let nothing through any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def join(self, browser: socket.socket) -> None:
        """Carry one connection until either side ends it."""
        try:
            web = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            return  # the browser sees a closed connection, as without us
        with web:
            back = threading.Thread(target=_carry, args=(web, browser, self.answered), daemon=True)
            back.start()
            _carry(browser, web, self.sent)
            back.join()


def _carry(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
    try:
        while piece := source.recv(PIECE):
            kept.extend(piece)
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one side is gone; the other will hear of it
