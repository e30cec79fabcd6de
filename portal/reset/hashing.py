"""Hashing: argon2id in few threads of low priority, so that a storm of resets slows nothing else (PWD-07)."""

import os
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

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
    """Hashes and compares within `threads` threads; at most `waiting` callers at once, the others get StoreBusy."""

    def __init__(self, profile: str, *, threads: int, waiting: int) -> None:
        self._argon2 = PROFILES[profile]
        self._places = threading.BoundedSemaphore(max(1, waiting))
        self._pool = ThreadPoolExecutor(max(1, threads), "hashing", initializer=_step_back)

    def run(self, work: Callable[[PasswordHasher], T]) -> T:
        """Do some hashing; raises StoreBusy where no place is free, or none came free in five seconds."""
        if not self._places.acquire(blocking=False):
            raise StoreBusy
        try:
            job = self._pool.submit(partial(work, self._argon2))
            try:
                return job.result(PATIENCE_SECONDS)
            except TookTooLong:
                job.cancel()
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


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere niceness is the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
