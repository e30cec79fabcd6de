"""A receiver of the webhook that misbehaves as scripted, before or after it has done what it was told."""

import json
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from portal.reset.stores import receiver
from portal.reset.stores.receiver import Receiver
from tests.servers.certificates import Certificates

HANG, DROP, DONE_AND_DROP, DRIP = "hang", "drop", "done and drop", "drip"
KEY = "a-key-of-the-webhook"
Trouble = str | tuple[int, dict[str, str]]


@dataclass
class Trickster:
    """Its accounts are the receiver's; `script` says what comes next, after which it works again."""

    url: str = ""
    script: deque[Trouble] = field(default_factory=deque)
    heard: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def misbehave(self, *troubles: Trouble) -> None:
        """At the next orders, so; questions are always answered."""
        self.script.extend(troubles)

    def open(self, name: str, password: str) -> None:
        """Let somebody have an account."""
        held = {"hash": receiver._hashed(password, "salt"), "salt": "salt", "epoch": 0, "has_password": True}
        receiver.accounts[name] = {**held, "changed_at": "2017-03-01T00:00:00+00:00", "must_reset": False}
        receiver.accounts[name] |= {"sessions": {}, "changes": {}}

    def opens(self, name: str, password: str) -> bool:
        """Whether this password would log in."""
        held = receiver.accounts[name]
        return not held["must_reset"] and held["hash"] == receiver._hashed(password, "salt")


class Handler(Receiver):
    """One message, and what becomes of it."""

    trickster: Trickster

    def do_POST(self) -> None:  # noqa: N802 (the name that http.server asks for)
        """As scripted."""
        told, body = self.trickster, self.rfile.read(int(self.headers["Content-Length"]))
        told.heard.append(json.loads(body))
        is_question = told.heard[-1]["call"] in ("find", "policy")
        trouble = told.script.popleft() if told.script and not is_question else None
        if trouble == HANG:
            told.over.wait(20)
        elif trouble == DRIP:
            self._drip()
        elif isinstance(trouble, tuple):
            self._say(trouble[0], trouble[1], {})
        elif trouble != DROP:
            status, answer = receiver._carry_out(told.heard[-1])
            if trouble is None:
                self._say(status, {}, answer)

    def _drip(self) -> None:
        for sign in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 200:
            if self.trickster.over.wait(0.05):
                return
            try:
                self.wfile.write(bytes([sign]))
            except OSError:
                return

    def _say(self, status: int, headers: dict[str, str], told: dict[str, Any]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening(shown: Certificates | None = None) -> Iterator[Trickster]:
    """A trickster at a port of its own; with certificates it speaks TLS."""
    told = Trickster()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Scripted", (Handler,), {"trickster": told}))
    if shown:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(shown.chain, shown.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    told.url = f"{'https' if shown else 'http'}://localhost:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
        receiver.accounts.clear()


@pytest.fixture
def trickster() -> Iterator[Trickster]:
    """One without TLS."""
    with listening() as told:
        yield told
