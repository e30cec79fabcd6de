"""Hashing: argon2id in few processes of low priority, so that a storm of resets slows nothing else (PWD-07)."""

import threading
import unicodedata
from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from portal.reset.apart import Apart, Unfinished
from portal.reset.busy import StoreBusy

# OWASP's password storage sheet and ASVS 5.0, 11.4.2: never below 19 MiB, t=2, p=1.
PROFILES = {
    "full": PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16),
    "surge": PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16),
}
NICENESS = 10
PATIENCE_SECONDS = 5.0  # with the database's own, below the ten that a store may take
T = TypeVar("T")


class Hasher:
    """Hashes and compares in `processes` beside this one; at most `waiting` callers at once, the others get StoreBusy.

    Threads of low priority would not do: one that has come to its end wants the interpreter for a moment, is given it,
    and is then not given the machine, while all pages wait for both.
    """

    def __init__(self, profile: str, *, processes: int, waiting: int) -> None:
        self._argon2 = PROFILES[profile]
        self._places = threading.BoundedSemaphore(max(1, waiting))
        self._processes = _beside(max(1, processes))

    def run(self, work: Callable[[PasswordHasher], T]) -> T:
        """Do what can be pickled; raises StoreBusy where no place is free, or none came free in five seconds."""
        if not self._places.acquire(blocking=False):
            raise StoreBusy
        try:
            return self._processes.ask(partial(work, self._argon2), seconds=PATIENCE_SECONDS)
        except Unfinished:
            raise StoreBusy from None
        finally:
            self._places.release()


def hashed(argon2: PasswordHasher, password: str) -> str:
    """The PHC string of a password, whichever way its letters were composed (NIST SP 800-63B-4, 3.1.1.2: NFC)."""
    return argon2.hash(unicodedata.normalize("NFC", password))


def matches(argon2: PasswordHasher, kept: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        return argon2.verify(kept, unicodedata.normalize("NFC", password))
    except (VerificationError, InvalidHashError):
        return False


def is_weaker(argon2: PasswordHasher, kept: str) -> bool:
    """Whether a hash was made with less than this profile gives; a storm's profile weakens no stronger one."""
    held = extract_parameters(kept)
    return held.memory_cost < argon2.memory_cost or held.time_cost < argon2.time_cost


def hashed_anew(argon2: PasswordHasher, old: str | None, password: str) -> str | None:
    """The PHC string of a new password; None where it is the old one."""
    return None if old and matches(argon2, old, password) else hashed(argon2, password)


def compared(argon2: PasswordHasher, kept: str | None, password: str) -> tuple[bool, str | None]:
    """Whether the password is right, and a better hash of it where the kept one is weaker."""
    if kept is None:
        hashed(argon2, password)  # so that nobody hears from the time which accounts exist or must reset
        return False, None
    right = matches(argon2, kept, password)
    return right, hashed(argon2, password) if right and is_weaker(argon2, kept) else None


@cache
def _beside(processes: int) -> Apart:
    return Apart(processes, NICENESS)
