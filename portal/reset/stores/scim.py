"""The `scim` store: an identity provider that speaks SCIM 2 (RFC 7643, RFC 7644) and changes passwords by it."""

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import requests

from portal.clock import Clock
from portal.config import Settings
from portal.reset.stores.protocol import (
    AccountKey,
    Overtaken,
    PasswordRefused,
    Policy,
    Refusal,
    StoreAway,
    StoredAccount,
    StoreUncertain,
)
from portal.reset.stores.wire import Wire, object_of, spelled

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
JSON = "application/scim+json"
NOT_THERE = "The store does not say that it changes passwords (changePassword.supported): it cannot be used."


class AccountGone(Overtaken):
    """There is no such account any more."""


@dataclass
class ScimStore:
    """Each change names the version that it was looked at (If-Match), where the store has versions.

    SCIM has no mark for “must change at the next log-in”, so an expired account gets a password that nobody knows.
    """

    wire: Wire
    token: str = field(repr=False)
    name: str = "userName"

    @property
    def policy(self) -> Policy:
        """SCIM tells nothing of it."""
        return Policy(0)

    @cached_property
    def abilities(self) -> dict[str, Any]:
        """What the store says of itself (RFC 7643, section 5), read before anything else."""
        told = self._ask("GET", "/ServiceProviderConfig")
        if told.status_code != 200:
            raise StoreAway
        return object_of(told)

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account; SCIM does not say when its password was set, nor whether there is one."""
        held = self._user(key)
        return None if held is None else StoredAccount(True, None, False, 0)

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Let the old password open nothing any more."""
        with suppress(AccountGone):
            self._change(key, f"{secrets.token_urlsafe(32)}aA1!")

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """The old password is gone: its owner sets a new one."""

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Replace it, if nobody changed the account since it was looked at just now."""
        self._change(key, password)

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """SCIM knows no sessions and no changes that wait; `check` says so."""

    def check(self) -> list[str]:
        """What it is not able to do."""
        said = ["SCIM ends no sessions, nor changes of address that wait: see that a new password ends them."]
        said += ["SCIM cannot take a forced reset back: whose answer is withdrawn sets a new password all the same."]
        if not self._is_able("changePassword"):
            said.append(NOT_THERE)
        if not self._is_able("patch"):
            said.append("The store does not say that it takes PATCH (patch.supported): it cannot be used.")
        if not self._is_able("etag"):
            said.append(
                "The store has no versions (etag.supported): only the portal's own turns keep passwords in order."
            )
        return said

    def _change(self, key: AccountKey, password: str) -> None:
        if not self._is_able("changePassword"):
            raise StoreAway
        user = self._user(key)
        if user is None:
            raise AccountGone
        version = user.get("meta", {}).get("version")
        wanted = {"If-Match": str(version)} if version and self._is_able("etag") else {}
        change = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "password", "value": password}]}
        told = self._ask("PATCH", f"/Users/{spelled(str(user['id']))}", data=json.dumps(change), headers=wanted)
        if told.status_code in (404, 409, 412):
            raise Overtaken
        if told.status_code == 400:
            raise PasswordRefused(Refusal.OTHER)
        if told.status_code not in (200, 204):
            raise StoreAway if told.status_code in (401, 403) else StoreUncertain

    def _user(self, key: AccountKey) -> dict[str, Any] | None:
        # json.dumps quotes as RFC 7644, section 3.4.2.2, asks for.
        wanted = {"filter": f"{self.name} eq {json.dumps(key.reference)}"}
        told = self._ask("GET", "/Users", params=wanted)
        if told.status_code != 200:
            raise StoreAway
        found = object_of(told).get("Resources") or []
        return next((user for user in found if len(found) == 1 and user.get("active", True)), None)

    def _is_able(self, ability: str) -> bool:
        return bool(self.abilities.get(ability, {}).get("supported"))

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None, **said: Any) -> requests.Response:
        own = {"Authorization": f"Bearer {self.token}", "Accept": JSON, "Content-Type": JSON}
        return self.wire.ask(method, path, headers={**own, **(headers or {})}, **said)


def open_store(settings: Settings, _clock: Clock) -> ScimStore:
    """The store that the settings describe."""
    token = settings.store_secret.get_secret_value() if settings.store_secret else ""
    return ScimStore(Wire.of(settings), token, settings.store_name or "userName")
