"""The `keycloak` store: Keycloak's Admin REST API; made from its documentation, and unproven against a real one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from re import findall
from threading import Lock
from typing import Any

import requests

from portal.clock import Clock
from portal.config import Settings
from portal.reset.stores.protocol import (
    AccountKey,
    Need,
    Overtaken,
    PasswordRefused,
    Policy,
    Refusal,
    StoreAway,
    StoredAccount,
    StoreUncertain,
)
from portal.reset.stores.wire import Wire, object_of, spelled

MUST_CHANGE = "UPDATE_PASSWORD"
# A change of e-mail that waits for its link. VERIFY_EMAIL is none: it asks for proof of the address that holds.
CHANGES_EMAIL, PENDING_EMAIL = "UPDATE_EMAIL", "kc.email.pending"
# What a realm's policy is written in, as “length(12) and upperCase(1)”.
RULE = r"(\w+)\((\d+)\)"
NEEDS = {"upperCase": Need.UPPER, "lowerCase": Need.LOWER, "digits": Need.DIGIT, "specialChars": Need.SYMBOL}
FAULTS = {
    "invalidPasswordMinLengthMessage": Refusal.SHORT,
    "invalidPasswordMaxLengthMessage": Refusal.LONG,
    "invalidPasswordHistoryMessage": Refusal.USED,
    "invalidPasswordMinUpperCaseCharsMessage": Refusal.SIGNS,
    "invalidPasswordMinLowerCaseCharsMessage": Refusal.SIGNS,
    "invalidPasswordMinDigitsMessage": Refusal.SIGNS,
    "invalidPasswordMinSpecialCharsMessage": Refusal.SIGNS,
    "invalidPasswordBlacklistedMessage": Refusal.WEAK,
    "invalidPasswordNotUsernameMessage": Refusal.WEAK,
    "invalidPasswordNotEmailMessage": Refusal.WEAK,
}
EARLY = timedelta(seconds=10)
# The version of a real Keycloak that the contract test last ran against (KEYCLOAK_URL, see the README).
PROVEN_WITH = ""
UNPROVEN = "unproven: never run against a real Keycloak; made from its documentation. Try one account first."


@dataclass
class KeycloakStore:
    """A confidential client with a service account and the role manage-users of its realm alone."""

    wire: Wire
    realm: str
    client: str
    secret: str = field(repr=False)
    clock: Clock
    name: str = "username"
    _token: tuple[str, datetime] | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def policy(self) -> Policy:
        """What the realm asks for; it says so where the client may read realms."""
        told = self._ask("GET", "")
        rules = dict(findall(RULE, str(object_of(told).get("passwordPolicy", "")))) if told.ok else {}
        needs = tuple(need for rule, need in NEEDS.items() if int(rules.get(rule, 0)))
        return Policy(int(rules.get("length", 0)), int(rules.get("maxLength", 128)), needs=needs)

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account; its password's age is that of the credential."""
        user = self._user(key)
        if user is None:
            return None
        told = self._ask("GET", f"/users/{spelled(user['id'])}/credentials")
        if not told.ok:
            raise StoreAway
        held = [one for one in told.json() if one.get("type") == "password"]
        made = max((one.get("createdDate") or 0 for one in held), default=0)
        at = datetime.fromtimestamp(made / 1000, UTC) if made else None
        return StoredAccount(bool(held), at, MUST_CHANGE in user.get("requiredActions", ()), 0)

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Ask for a new password at the next log-in, and end what is logged in now."""
        found = self.find(key)
        if found and found.has_password and not (found.changed_at and found.changed_at >= before):
            self._amend(key, must=True)

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Take that back."""
        self._amend(key, must=False, ends=False)

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Set it; sessions, offline tokens and changes of e-mail outlive that, so they are ended at once."""
        user = self._user(key)
        if user is None:
            raise Overtaken
        said = {"type": "password", "value": password, "temporary": False}
        told = self._ask("PUT", f"/users/{spelled(user['id'])}/reset-password", json=said)
        if told.status_code == 400:
            raise PasswordRefused(FAULTS.get(str(object_of(told).get("error")), Refusal.OTHER))
        self._judge(told)
        self._amend(key, must=False)

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """Log out of everything; Keycloak takes no token from before that moment (notBefore)."""
        found = self.find(key)
        if found and not (found.changed_at and found.changed_at > now):
            self._amend(key, must=found.must_reset)

    def check(self) -> list[str]:
        """What is missing, and that nobody has tried it yet."""
        said = [] if PROVEN_WITH else [UNPROVEN]
        if not self._ask("GET", "/users", params={"max": "1"}).ok:
            said.append("The client may not look for users: give its service account the role manage-users.")
        if not self._ask("GET", "").ok:
            said.append(
                "The client may not read the realm's password policy: give it view-realm, or customers are told late."
            )
        return said

    def _amend(self, key: AccountKey, *, must: bool, ends: bool = True) -> None:
        user = self._user(key)
        if user is None:
            return
        wanted = _without_change(user) if ends else user
        others = [one for one in wanted.get("requiredActions", ()) if one != MUST_CHANGE]
        wanted = {**wanted, "requiredActions": [*others, *([MUST_CHANGE] if must else [])]}
        if wanted != user:
            self._judge(self._ask("PUT", f"/users/{spelled(user['id'])}", json=wanted))
        if ends:
            self._judge(self._ask("POST", f"/users/{spelled(user['id'])}/logout"))

    def _user(self, key: AccountKey) -> dict[str, Any] | None:
        asked = {"exact": "true"}
        asked |= {self.name: key.reference} if self.name == "username" else {"q": f"{self.name}:{key.reference}"}
        told = self._ask("GET", "/users", params=asked)
        if not told.ok:
            raise StoreAway
        found = told.json()
        return dict(found[0]) if isinstance(found, list) and len(found) == 1 else None

    def _judge(self, told: requests.Response) -> None:
        if not told.ok:
            raise StoreAway if told.status_code in (401, 403) else StoreUncertain

    def _ask(self, method: str, path: str, **said: Any) -> requests.Response:
        ask = partial(self.wire.ask, method, f"/admin/realms/{self.realm}{path}", **said)
        told = ask(headers={"Authorization": f"Bearer {self._bearer()}"})
        if told.status_code == 401:  # the token ended early
            self._token = None
            told = ask(headers={"Authorization": f"Bearer {self._bearer()}"})
        return told

    def _bearer(self) -> str:
        with self._lock:
            now = self.clock()
            if self._token is None or now >= self._token[1]:
                said = {"grant_type": "client_credentials", "client_id": self.client, "client_secret": self.secret}
                told = self.wire.ask("POST", f"/realms/{self.realm}/protocol/openid-connect/token", data=said)
                if told.status_code != 200:
                    raise StoreAway
                held = object_of(told)
                self._token = held["access_token"], now + timedelta(seconds=held.get("expires_in", 60)) - EARLY
            return self._token[0]


def _without_change(user: dict[str, Any]) -> dict[str, Any]:
    """The same user with no change of e-mail in flight: its link is good no more once the note of it is gone."""
    actions = [one for one in user.get("requiredActions", ()) if one != CHANGES_EMAIL]
    held = {**user, "requiredActions": actions}
    if PENDING_EMAIL in user.get("attributes", {}):
        held["attributes"] = {**user["attributes"], PENDING_EMAIL: [""]}  # as Keycloak's own console takes it away
    return held


def open_store(settings: Settings, clock: Clock) -> KeycloakStore:
    """The store that the settings describe."""
    secret = settings.store_secret.get_secret_value() if settings.store_secret else ""
    place, user, name = settings.store_place or "", settings.store_user or "", settings.store_name or "username"
    return KeycloakStore(Wire.of(settings), spelled(place), user, secret, clock, name)
