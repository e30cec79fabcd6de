"""A stand-in for the company's sign-in, over a real socket, which misbehaves as no real one would."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from portal.members.provider import DISCOVERY

Say = Callable[[], tuple[int, Any]]


@dataclass
class StandIn:
    """What it answers by path; what was sent to it."""

    origin: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    answers: dict[str, Say] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, str]] = field(default_factory=list)
    credentials: list[str | None] = field(default_factory=list)
    dwells: dict[str, float] = field(default_factory=dict)  # seconds before each byte of the answer at a path

    def __post_init__(self) -> None:
        self.answers = {DISCOVERY: self._facts, "/keys": self._keys, "/token": self._token}

    def _facts(self) -> tuple[int, Any]:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return 200, {"issuer": self.origin, **{name: self.origin + path for name, path in paths.items()}, **self.facts}

    def _keys(self) -> tuple[int, Any]:
        return 200, KeySet([self.key]).as_dict(private=False)

    def _token(self) -> tuple[int, Any]:
        header = {"alg": "ES256", "kid": self.key.kid}
        return 200, {"id_token": jwt.encode(header, self.claims, self.key, ["ES256"]), "access_token": "whatever"}


class Answering(BaseHTTPRequestHandler):
    """One request to the stand-in."""

    held: StandIn

    def do_GET(self) -> None:
        """Answer."""
        self.held.asked.append(self.path)
        status, said = self.held.answers[self.path]()
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if 300 <= status < 400:
            self.send_header("Location", self.held.origin + "/elsewhere")
        self.end_headers()
        with suppress(OSError):  # whoever asked may have gone
            for start in range(len(body)) if self.path in self.held.dwells else ():
                time.sleep(self.held.dwells[self.path])
                self.wfile.write(body[start : start + 1])
            self.wfile.write(b"" if self.path in self.held.dwells else body)

    def do_POST(self) -> None:
        """Note what was sent, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.held.posted.append(dict(parse_qsl(body)))
        self.held.credentials.append(self.headers["Authorization"])
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """The stand-in, while it stands."""
    held = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Answering,), {"held": held}))
    held.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
