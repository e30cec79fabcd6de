"""What every identity store can do, and the few ways in which it may fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from portal.reset.busy import StoreBusy as StoreBusy


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


class Need(Enum):
    """A kind of sign that a store asks for; we ask for none ourselves."""

    UPPER = "upper"
    LOWER = "lower"
    DIGIT = "digit"
    SYMBOL = "symbol"


@dataclass(frozen=True)
class Policy:
    """What a store accepts: lengths in code points, bytes of UTF-8 (bcrypt's stores take 72), kinds of signs."""

    minimum: int
    maximum: int = 128
    most_bytes: int = 512
    needs: tuple[Need, ...] = ()

    def beside(self, other: "Policy") -> "Policy":
        """What both accept."""
        needs = tuple(need for need in Need if need in {*self.needs, *other.needs})
        least, most = max(self.minimum, other.minimum), min(self.maximum, other.maximum)
        return Policy(least, most, min(self.most_bytes, other.most_bytes), needs)


LONG, SHORT = Policy(15), Policy(8)  # NIST SP 800-63B-4, 3.1.1.2: without and with a second factor


class Refusal(Enum):
    """Why a store's policy refuses a password; a store's own words are never shown."""

    SHORT = "short"
    LONG = "long"
    USED = "used before"
    SIGNS = "signs"
    WEAK = "weak"
    SOON = "too soon"
    OTHER = "other"


class StillWaiting(StoreBusy):
    """Something that was told about this account has no answer yet; nothing was done."""


class StoreUncertain(Exception):
    """The store did not answer in time; whether it did what it was told, nobody knows."""


class StoreAway(StoreUncertain):
    """The store was not reached at all; nothing was done."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self.seconds = seconds


class SamePassword(Exception):
    """The new password is the old one."""


class Overtaken(Exception):
    """Another password was set since the account was looked at."""


class PasswordRefused(Exception):
    """The store's policy does not take it."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Store(Protocol):
    """An identity store; every call ends within ten seconds.

    `epoch` numbers what is told about one account: a store that can compare takes nothing that is older than what
    it has. Every call may raise StoreBusy, StoreAway or StoreUncertain.
    """

    @property
    def policy(self) -> Policy:
        """What it accepts."""

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account, or None."""

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Let nobody in, nor stay in, until a password is set, if the account's own is older than `before`."""

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Take the mark of `expire` back, where the store can: the answer it rested on was withdrawn."""

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Set a password on the account as it was at `epoch`; its must-reset mark goes, and so does what `revoke` ends.

        Raises SamePassword, Overtaken or PasswordRefused as well.
        """

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """End each session, token, and waiting change of address or number that began before now; brings none back."""

    def check(self) -> list[str]:
        """What stands in the way of its work, in sentences for the operator; empty if nothing does."""


@runtime_checkable
class TakesMany(Protocol):
    """A store that marks hundreds of accounts as quickly as one."""

    def expire_all(self, keys: Sequence[AccountKey], *, before: datetime) -> Sequence[StoredAccount | None]:
        """`expire` for each of them; returns how each was found. May raise what `expire` may, and did nothing then."""
