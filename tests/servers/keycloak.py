"""What Keycloak's Admin REST API is documented to do, as far as the portal asks for it; a real one was never here."""

import json
import secrets
import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

REALM, CLIENT, SECRET = "customers", "portal", "the client's secret"
PENDING = "kc.email.pending"
TOKEN = f"/realms/{REALM}/protocol/openid-connect/token"
ADMIN = f"/admin/realms/{REALM}"
SALT = b"salt"
Digest = tuple[bytes, bytes, int]  # with its salt and rounds


@dataclass
class Keycloak:
    """The users, their sessions (offline tokens too), and who may ask."""

    url: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    bearers: set[str] = field(default_factory=set)
    policy: str = "length(16) and upperCase(1) and passwordHistory(3)"
    said: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, asked: dict[str, str], said: Any, bearer: str) -> tuple[int, Any]:
        """One request, as documented."""
        self.said.append(f"{method} {path}")
        if path.startswith(TOKEN):
            return self._token(said)
        if bearer not in self.bearers:
            return 401, {"error": "HTTP 401 Unauthorized"}
        if path == ADMIN:
            return 200, {"realm": REALM, "passwordPolicy": self.policy}
        if path == f"{ADMIN}/users" and method == "POST":
            return self._open(said)
        if path == f"{ADMIN}/users":
            found = [held["user"] for held in self.users.values() if asked.get("username") == held["user"]["username"]]
            return 200, found
        _, _, rest = path.partition(f"{ADMIN}/users/")
        number, _, what = rest.partition("/")
        return self._act(method, what, self.users[number], said)

    def _open(self, user: dict[str, Any]) -> tuple[int, Any]:
        held, number = user.pop("credentials"), f"id-of-{user['username']}"
        user |= {"id": number, "requiredActions": [], "attributes": {"locale": ["nl"]}}
        self.users[number] = {"user": user, "credentials": held, "passwords": [_digest_of(one) for one in held]}
        return 201, None

    def _act(self, method: str, what: str, held: dict[str, Any], said: Any) -> tuple[int, Any]:
        if what == "credentials":
            return 200, held["credentials"]
        if what == "logout":
            self.sessions = {token: who for token, who in self.sessions.items() if who != held["user"]["id"]}
        elif what == "reset-password":
            return self._reset(held, said)
        elif method == "DELETE":
            del self.users[held["user"]["id"]]
        elif method == "PUT":
            # What is left out is gone, and an attribute without a value is none.
            held["user"] = {**said, "attributes": {one: told for one, told in said["attributes"].items() if any(told)}}
        return 204, None

    def _reset(self, held: dict[str, Any], said: Any) -> tuple[int, Any]:
        new, digest = said["value"], _digest(said["value"], SALT, 1)
        faults = {
            "invalidPasswordMinLengthMessage": len(new) < 16,
            "invalidPasswordMinUpperCaseCharsMessage": not any(map(str.isupper, new)),
            "invalidPasswordHistoryMessage": any(_is_it(new, one) for one in held["passwords"][-3:]),
        }
        if fault := next((name for name, is_so in faults.items() if is_so), None):
            return 400, {"error": fault, "error_description": f"Invalid password: {new}"}
        held["passwords"].append(digest)
        held["credentials"] = [{"type": "password", "createdDate": 1_800_000_000_000}]
        return 204, None

    def _token(self, said: dict[str, str]) -> tuple[int, Any]:
        if (said.get("client_id"), said.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "unauthorized_client"}
        if "token" in said:
            return 200, {"active": said["token"] in self.sessions}
        token = secrets.token_hex()
        if said["grant_type"] == "client_credentials":
            self.bearers.add(token)
        else:
            held = self.users[f"id-of-{said['username']}"]
            # An account with a required action is “not fully set up”.
            if held["user"]["requiredActions"] or not any(
                _is_it(said["password"], one) for one in held["passwords"][-1:]
            ):
                return 400, {"error": "invalid_grant"}
            self.sessions[token] = held["user"]["id"]
        return 200, {"access_token": token, "expires_in": 60}


def _digest(password: str, salt: bytes, rounds: int) -> Digest:
    return pbkdf2_hmac("sha256", password.encode(), salt, rounds, 64), salt, rounds


def _digest_of(credential: dict[str, Any]) -> Digest:
    secret, data = json.loads(credential["secretData"]), json.loads(credential["credentialData"])
    return b64decode(secret["value"]), b64decode(secret["salt"]), data["hashIterations"]


def _is_it(password: str, held: Digest) -> bool:
    return _digest(password, *held[1:]) == held


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

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 (the names that http.server asks for)

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
