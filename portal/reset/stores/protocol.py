"""What every identity store can do, and the few ways in which it may fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class AccountKey:
    """How a store knows an account: the brand's id and the company's own reference."""

    brand: str
    reference: str


@dataclass(frozen=True)
class StoredAccount:
    """What a store tells about an account; `epoch` grows with each password that is set."""

    has_password: bool
    changed_at: datetime | None
    must_reset: bool
    epoch: int


@dataclass(frozen=True)
class Policy:
    """What a store accepts: lengths in code points, and bytes of UTF-8 (bcrypt's stores take 72)."""

    minimum: int
    maximum: int = 128
    most_bytes: int = 512


class StoreBusy(Exception):
    """Too many wait for the store; nothing was done."""


class StoreUncertain(Exception):
    """The store did not answer in time; whether it did what it was told, nobody knows."""


class SamePassword(Exception):
    """The new password is the old one."""


class Overtaken(Exception):
    """Another password was set since the account was looked at."""


class Store(Protocol):
    """An identity store; every call ends within ten seconds."""

    @property
    def policy(self) -> Policy:
        """What it accepts."""

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account, or None; raises StoreUncertain."""

    def expire(self, key: AccountKey, *, before: datetime) -> None:
        """Refuse the account at log-in until a password is set, if its password is older than `before`."""

    def release(self, key: AccountKey) -> None:
        """Take the mark of `expire` back: the answer it rested on was withdrawn. Harmless where there is none."""

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Set a password on the account as it was at `epoch`; its must-reset mark goes.

        Raises StoreBusy, SamePassword, Overtaken or StoreUncertain.
        """

    def revoke(self, key: AccountKey, *, now: datetime) -> None:
        """End every session and token that began before now; never brings an older one back."""

    def check(self) -> list[str]:
        """What stands in the way of its work, in sentences for the operator; empty if nothing does."""
