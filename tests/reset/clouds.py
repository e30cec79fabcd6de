"""The systems of the network behind the stores: SCIM, the webhook's receiver, Cognito."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import boto3
from botocore.exceptions import ClientError

from portal.clock import now
from tests.servers import identity
from tests.servers.identity import line


@dataclass
class Scim:
    """A SCIM server, which compares a password where a filter asks it to."""

    url: str

    def settings(self) -> dict[str, Any]:
        """Who the portal is there."""
        return {"store": "scim", "store_url": self.url, "store_secret": identity.SCIM_TOKEN}

    def open(self, name: str, password: str | None) -> None:
        """A user."""
        for old in self._found(name):
            line().delete(f"{self.url}/Users/{old['id']}", headers=self._headers, timeout=5)
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "password": password}
        told = line().post(f"{self.url}/Users", headers=self._headers, json=user, timeout=5)
        assert told.status_code == 201, told.text

    def log_in(self, name: str, password: str) -> str | None:
        """Whether it is the password."""
        return "same" if self._found(name, f' and password eq "{password}"') else None

    def is_alive(self, token: str) -> bool:
        """SCIM has no sessions."""
        return False

    def _found(self, name: str, also: str = "") -> list[dict[str, Any]]:
        wanted = {"filter": f'userName eq "{name}"{also}'}
        told = line().get(f"{self.url}/Users", headers=self._headers, params=wanted, timeout=5)
        return list(told.json().get("Resources", []))

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {identity.SCIM_TOKEN}", "Content-Type": "application/scim+json"}


@dataclass
class Webhook:
    """The reference receiver."""

    url: str

    def settings(self) -> dict[str, Any]:
        """What both know."""
        return {"store": "webhook", "store_url": self.url, "store_secret": identity.RECEIVER_KEYS.split()[0]}

    def open(self, name: str, password: str | None) -> None:
        """An account."""
        self._put("accounts", name, password=password, changed_at="2017-03-01T00:00:00+00:00")

    def log_in(self, name: str, password: str) -> str | None:
        """As the company's log-in does."""
        token = self._put("log-in", name, password=password, at=now().isoformat())["token"]
        return str(token) if token else None

    def is_alive(self, token: str) -> bool:
        """As the company looks at it."""
        return bool(self._put("sessions", token)["alive"])

    def ask_for_change(self, name: str) -> None:
        """Ask for another address."""
        assert self._put("changes", name, at=now().isoformat())["waits"]

    def is_change_waiting(self, name: str) -> bool:
        """Whether its confirmation would still be taken."""
        return bool(self._put("changes", name)["waits"])

    def _put(self, what: str, name: str, **said: Any) -> dict[str, Any]:
        told = line().put(f"{self.url}/{what}/{quote(name)}", json=said, timeout=5)
        return dict(told.json())


@cache
def _client(url: str) -> Any:
    """Once for all tests: it reads thousands of descriptions."""
    said = {"endpoint_url": url, "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return boto3.session.Session().client("cognito-idp", "eu-west-1", **said)


@cache
def _pool(url: str) -> tuple[str, str]:
    """A user pool and the company's own client of it, once for all tests: each takes a tenth of a second."""
    needs = {"MinimumLength": 16, "RequireUppercase": False, "RequireSymbols": False}
    policy = {"PasswordPolicy": {**needs, "RequireLowercase": True, "RequireNumbers": False}}
    pool = str(_client(url).create_user_pool(PoolName="customers", Policies=policy)["UserPool"]["Id"])
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = _client(url).create_user_pool_client(UserPoolId=pool, ClientName="app", ExplicitAuthFlows=flows)
    return pool, str(app["UserPoolClient"]["ClientId"])


@dataclass
class Cognito:
    """A user pool."""

    url: str

    def __post_init__(self) -> None:
        self.client = _client(self.url)
        self.pool, self.app = _pool(self.url)

    def settings(self) -> dict[str, Any]:
        """Who the portal is there."""
        said = {"store": "cognito", "store_url": self.url, "store_place": self.pool}
        return {**said, "store_user": "a", "store_secret": "b"}

    def open(self, name: str, password: str | None) -> None:
        """A user."""
        with suppress(self.client.exceptions.UserNotFoundException):
            self.client.admin_delete_user(UserPoolId=self.pool, Username=name)
        self.client.admin_create_user(UserPoolId=self.pool, Username=name, MessageAction="SUPPRESS")
        if password:
            said = {"UserPoolId": self.pool, "Username": name, "Password": password}
            self.client.admin_set_user_password(**said, Permanent=True)

    def log_in(self, name: str, password: str) -> str | None:
        """By name and password."""
        said = {"USERNAME": name, "PASSWORD": password}
        try:
            told = self.client.initiate_auth(ClientId=self.app, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=said)
        except ClientError:
            return None
        return str(told["AuthenticationResult"]["AccessToken"]) if "AuthenticationResult" in told else None

    def is_alive(self, token: str) -> bool:
        """By asking who that is."""
        try:
            self.client.get_user(AccessToken=token)
        except ClientError:
            return False
        return True
