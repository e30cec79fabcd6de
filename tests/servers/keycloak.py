"""What Keycloak's Admin REST API is documented to do, as far as the portal asks for it; a real one was never here."""

import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

REALM, CLIENT, SECRET = "customers", "portal", "the client's secret"
PENDING = "kc.email.pending"
TOKEN = f"/realms/{REALM}/protocol/openid-connect/token"
ADMIN = f"/admin/realms/{REALM}"


@dataclass
class Keycloak:
    """The users, their sessions (offline tokens too), and who may ask."""

    url: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    bearers: set[str] = field(default_factory=set)
    policy: str = "length(16) and upperCase(1) and passwordHistory(3)"
    said: list[str] = field(default_factory=list)

    def open(self, name: str, password: str | None, created: int) -> None:
        """Let somebody have an account."""
        held = [{"type": "password", "createdDate": created}] if password else []
        user = {"id": f"id-of-{name}", "username": name, "enabled": True, "requiredActions": [], "firstName": name}
        user["attributes"] = {"locale": ["nl"]}
        self.users[user["id"]] = {"user": user, "credentials": held, "passwords": [password]}

    def log_in(self, name: str, password: str) -> str | None:
        """The direct grant: the token of a session, or None."""
        held = self.users[f"id-of-{name}"]
        # An account with a required action is “not fully set up”.
        if held["user"]["requiredActions"] or held["passwords"][-1] != password:
            return None
        token = secrets.token_hex()
        self.sessions[token] = held["user"]["id"]
        return token

    def ask_for_change(self, name: str) -> None:
        """The account's own pages: a link goes to the new address, and the old one holds until it is opened."""
        user = self.users[f"id-of-{name}"]["user"]
        user["requiredActions"].append("UPDATE_EMAIL")
        user["attributes"][PENDING] = ["another@mail.example"]

    def is_change_waiting(self, name: str) -> bool:
        """Whether that link would be taken, or the change be asked for at the next log-in."""
        user = self.users[f"id-of-{name}"]["user"]
        return PENDING in user["attributes"] or "UPDATE_EMAIL" in user["requiredActions"]

    def answer(self, method: str, path: str, asked: dict[str, str], said: Any, bearer: str) -> tuple[int, Any]:
        """One request, as documented."""
        self.said.append(f"{method} {path}")
        if path == TOKEN:
            return self._token(said)
        if bearer not in self.bearers:
            return 401, {"error": "HTTP 401 Unauthorized"}
        if path == ADMIN:
            return 200, {"realm": REALM, "passwordPolicy": self.policy}
        if path == f"{ADMIN}/users":
            found = [held["user"] for held in self.users.values() if asked.get("username") == held["user"]["username"]]
            return 200, found
        _, _, rest = path.partition(f"{ADMIN}/users/")
        number, _, what = rest.partition("/")
        return self._act(method, what, self.users[number], said)

    def _act(self, method: str, what: str, held: dict[str, Any], said: Any) -> tuple[int, Any]:
        if what == "credentials":
            return 200, held["credentials"]
        if what == "logout":
            self.sessions = {token: who for token, who in self.sessions.items() if who != held["user"]["id"]}
        elif what == "reset-password":
            return self._reset(held, said)
        elif method == "PUT":
            # What is left out is gone, and an attribute without a value is none.
            held["user"] = {**said, "attributes": {one: told for one, told in said["attributes"].items() if any(told)}}
        return 204, None

    def _reset(self, held: dict[str, Any], said: Any) -> tuple[int, Any]:
        new = said["value"]
        faults = {
            "invalidPasswordMinLengthMessage": len(new) < 16,
            "invalidPasswordMinUpperCaseCharsMessage": not any(map(str.isupper, new)),
            "invalidPasswordHistoryMessage": new in held["passwords"][-3:],
        }
        if fault := next((name for name, is_so in faults.items() if is_so), None):
            return 400, {"error": fault, "error_description": f"Invalid password: {new}"}
        held["passwords"].append(new)
        held["credentials"] = [{"type": "password", "createdDate": 1_800_000_000_000}]
        return 204, None

    def _token(self, said: dict[str, str]) -> tuple[int, Any]:
        if (said.get("client_id"), said.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "unauthorized_client"}
        bearer = secrets.token_hex()
        self.bearers.add(bearer)
        return 200, {"access_token": bearer, "expires_in": 60}


def _handler(keycloak: Keycloak) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            is_form = self.headers.get("Content-Type", "").endswith("urlencoded")
            said = {name: one[0] for name, one in parse_qs(body).items()} if is_form else json.loads(body or "null")
            parts = urlsplit(self.path)
            asked = {name: one[0] for name, one in parse_qs(parts.query).items()}
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, told = keycloak.answer(self.command, unquote(parts.path), asked, said, bearer)
            answer = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = _any  # noqa: N815 (the names that http.server asks for)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def keycloak() -> Iterator[Keycloak]:
    """The contract's server."""
    held = Keycloak()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(held))
    held.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield held
    server.shutdown()
    server.server_close()
    thread.join()
