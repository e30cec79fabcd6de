"""The system behind the `keycloak` store, by Keycloak's own API: what stands for it, or a real one."""

import json
import os
from base64 import b64encode
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from typing import Any, Self

import requests

from tests.reset.bench import LONG_AGO
from tests.servers.identity import line
from tests.servers.keycloak import CLIENT, PENDING, REALM, SECRET

VARIABLES = ("KEYCLOAK_URL", "KEYCLOAK_REALM", "KEYCLOAK_CLIENT", "KEYCLOAK_SECRET")
ROUNDS, SALT = 1000, b"salt of the tests"


def is_given() -> bool:
    """Whether the environment names a real one: its address, realm, client, and that one's secret.

    The realm's policy is what the contract's server says, the client's service account has manage-users and
    view-realm, and the client may use the direct grant.
    """
    return "KEYCLOAK_URL" in os.environ


@dataclass
class Cloak:
    """A realm, and a client in it."""

    url: str
    realm: str = REALM
    client: str = CLIENT
    secret: str = SECRET

    @classmethod
    def given(cls) -> Self:
        """The real one; fails where a variable is missing."""
        return cls(*(os.environ[name] for name in VARIABLES))

    def settings(self) -> dict[str, Any]:
        """Who the portal is there."""
        said = {"store": "keycloak", "store_url": self.url, "store_place": self.realm}
        return {**said, "store_user": self.client, "store_secret": self.secret}

    def open(self, name: str, password: str | None) -> None:
        """A user, whose password comes as a hash with its age, as from another Keycloak."""
        for old in self._found(name):
            self._ask("DELETE", f"/users/{old['id']}")
        user = {"username": name, "enabled": True, "firstName": name, "lastName": name, "emailVerified": True}
        user |= {"email": f"{name}@mail.example", "credentials": [_hashed(password)] if password else []}
        self._ask("POST", "/users", json=user)

    def log_in(self, name: str, password: str) -> str | None:
        """The direct grant."""
        told = self._tell("token", grant_type="password", username=name, password=password)
        return str(told.json()["access_token"]) if told.ok else None

    def is_alive(self, token: str) -> bool:
        """What introspection says."""
        return bool(self._tell("token/introspect", token=token).json()["active"])

    def ask_for_change(self, name: str) -> None:
        """Let a link have gone to another address, which replaces the old one once it is opened."""
        [user] = self._found(name)
        user["requiredActions"] = [*user.get("requiredActions", ()), "UPDATE_EMAIL"]
        user["attributes"] = {**user.get("attributes", {}), PENDING: ["another@mail.example"]}
        self._ask("PUT", f"/users/{user['id']}", json=user)

    def is_change_waiting(self, name: str) -> bool:
        """Whether that link would be taken, or the change be asked for at the next log-in."""
        [user] = self._found(name)
        return PENDING in user.get("attributes", {}) or "UPDATE_EMAIL" in user["requiredActions"]

    def _found(self, name: str) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/users", params={"username": name, "exact": "true"}).json())

    def _ask(self, method: str, path: str, **said: Any) -> requests.Response:
        bearer = self._tell("token", grant_type="client_credentials").json()["access_token"]
        headers = {"Authorization": f"Bearer {bearer}"}
        told = line().request(
            method, f"{self.url}/admin/realms/{self.realm}{path}", headers=headers, timeout=10, **said
        )
        assert told.ok, told.text
        return told

    def _tell(self, what: str, **said: str) -> requests.Response:
        mine = {"client_id": self.client, "client_secret": self.secret, **said}
        return line().post(f"{self.url}/realms/{self.realm}/protocol/openid-connect/{what}", data=mine, timeout=10)


def _hashed(password: str) -> dict[str, Any]:
    value = pbkdf2_hmac("sha256", password.encode(), SALT, ROUNDS, 64)
    secret = {"value": b64encode(value).decode(), "salt": b64encode(SALT).decode()}
    data = {"algorithm": "pbkdf2-sha256", "hashIterations": ROUNDS}
    held = {"type": "password", "createdDate": int(LONG_AGO.timestamp() * 1000)}
    return {**held, "secretData": json.dumps(secret), "credentialData": json.dumps(data)}
