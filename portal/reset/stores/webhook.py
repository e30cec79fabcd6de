"""The `webhook` store: a receiver of the company's own, asked by signed messages; `receiver.py` is an example."""

import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    SamePassword,
    StoreAway,
    StoredAccount,
    StoreUncertain,
)
from portal.reset.stores.wire import Wire, object_of
from portal.tokens import fresh_public_id

FAULTS = {"short": Refusal.SHORT, "long": Refusal.LONG, "used": Refusal.USED, "signs": Refusal.SIGNS}
FAULTS |= {"weak": Refusal.WEAK, "soon": Refusal.SOON}
UNKNOWN = AccountKey("", "")
ENDS = ["sessions", "changes"]  # what of these began before a moment


@dataclass
class WebhookStore:
    """Each message is signed under every key of the setting, so that a key can be changed without a gap."""

    wire: Wire
    keys: tuple[bytes, ...] = field(repr=False)
    clock: Clock

    @property
    def policy(self) -> Policy:
        """What the receiver accepts."""
        told = self._told("policy", UNKNOWN)
        needs = tuple(need for need in Need if need.value in told.get("needs", ()))
        return Policy(int(told.get("minimum", 0)), int(told.get("maximum", 128)), int(told.get("bytes", 512)), needs)

    def find(self, key: AccountKey) -> StoredAccount | None:
        """Ask."""
        held = self._told("find", key).get("account")
        if held is None:
            return None
        at = held.get("changed_at")
        return StoredAccount(
            bool(held["has_password"]), datetime.fromisoformat(at) if at else None, bool(held.get("must_reset")), 0
        )

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Order."""
        self._told("expire", key, before=_spelled(before), ends=ENDS, at=_spelled(self.clock()), epoch=epoch)

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Order."""
        self._told("release", key, epoch=epoch)

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Order."""
        self._told("set", key, password=password, ends=ENDS, at=_spelled(now), epoch=epoch)

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """Order."""
        self._told("revoke", key, ends=ENDS, at=_spelled(now), epoch=epoch)

    def check(self) -> list[str]:
        """Whether it answers, and whether it looks at signatures."""
        if self._ask("policy", UNKNOWN, signed=False).status_code != 401:
            return ["The receiver takes messages without a signature: it must answer 401."]
        return (
            [] if self._ask("policy", UNKNOWN).ok else ["The receiver does not take our signature: is the key right?"]
        )

    def _told(self, call: str, key: AccountKey, **said: Any) -> dict[str, Any]:
        told = self._ask(call, key, **said)
        if told.status_code == 200:
            return object_of(told)
        if told.status_code == 409:
            raise Overtaken
        if told.status_code == 422:
            fault = object_of(told).get("fault")
            raise SamePassword if fault == "same" else PasswordRefused(FAULTS.get(str(fault), Refusal.OTHER))
        raise StoreAway if told.status_code in (401, 403, 404) else StoreUncertain

    def _ask(self, call: str, key: AccountKey, *, signed: bool = True, **said: Any) -> requests.Response:
        who = {"brand": key.brand, "reference": key.reference}
        body = json.dumps({"id": fresh_public_id(), "call": call, **who, **said}).encode()
        stamp = str(int(self.clock().timestamp()))
        signatures = [hmac.digest(held, stamp.encode() + b"." + body, "sha256").hex() for held in self.keys if signed]
        headers = {"Portal-Timestamp": stamp, "Portal-Signature": " ".join(signatures)}
        return self.wire.ask("POST", "", data=body, headers={"Content-Type": "application/json", **headers})


def open_store(settings: Settings, clock: Clock) -> WebhookStore:
    """The store that the settings describe."""
    held = settings.store_secret.get_secret_value() if settings.store_secret else ""
    return WebhookStore(Wire.of(settings), tuple(key.encode() for key in held.split()), clock)


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
