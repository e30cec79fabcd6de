"""Guarding: no call to a store outside takes longer than ten seconds, and one that is away is left alone."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import TypeVar

from portal.reset.stores.protocol import (
    LONG,
    SHORT,
    AccountKey,
    Policy,
    Store,
    StoreAway,
    StoreBusy,
    StoredAccount,
    StoreUncertain,
)

TOTAL_SECONDS = 10.0
FRESH_SECONDS = 300.0
FAILURES = 5  # in a row, before the store counts as away
FIRST_REST, LONGEST_REST = 5.0, 120.0
LINES = 64  # calls at a time in one process; who finds none free is asked to wait
T = TypeVar("T")
chance = random.SystemRandom()


@dataclass
class Breaker:
    """Counts failures in a row; then it is open for a while, lets one call try, and closes when that succeeds."""

    ticks: Callable[[], float] = monotonic
    failures: int = 0
    open_until: float = 0.0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def enter(self) -> None:
        """Raises StoreAway, with the seconds that are left, while it is open."""
        with self._lock:
            left = self.open_until - self.ticks()
            if left > 0:
                raise StoreAway(left)
            if self.failures >= FAILURES:
                self._rest()  # for all but this one call, which tries

    def succeeded(self) -> None:
        """The store answered, whatever it said."""
        with self._lock:
            self.failures, self.open_until = 0, 0.0

    def failed(self) -> float:
        """The store did not answer; returns for how many seconds it is left alone now."""
        with self._lock:
            self.failures += 1
            if self.failures >= FAILURES:
                self._rest()
            return max(0.0, self.open_until - self.ticks())

    def _rest(self) -> None:
        longest = min(FIRST_REST * 2.0 ** min(self.failures - FAILURES, 10), LONGEST_REST)
        self.open_until = self.ticks() + longest * chance.uniform(0.5, 1)


@dataclass
class Guarded:
    """A store outside, with a limit to each call's time and a breaker for all of them."""

    store: Store
    has_second_factor: bool = False
    seconds: float = TOTAL_SECONDS
    breaker: Breaker = field(default_factory=Breaker)
    _known: tuple[float, Policy] | None = field(default=None, repr=False)
    _asking: Lock = field(default_factory=Lock, repr=False)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(LINES, "store"), repr=False)
    _places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(LINES), repr=False)

    @property
    def policy(self) -> Policy:
        """The store's own beside ours; what it said last while it is away, for no page may fail by that."""
        with self._asking:
            if self._known is None or self.breaker.ticks() - self._known[0] > FRESH_SECONDS:
                ours = SHORT if self.has_second_factor else LONG
                try:
                    told = self._call(lambda: self.store.policy).beside(ours)
                except (StoreBusy, StoreUncertain):
                    return self._known[1] if self._known else ours
                self._known = self.breaker.ticks(), told
            return self._known[1]

    def find(self, key: AccountKey) -> StoredAccount | None:
        """Ask."""
        return self._call(partial(self.store.find, key))

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Order."""
        self._call(partial(self.store.expire, key, before=before, epoch=epoch))

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Order."""
        self._call(partial(self.store.release, key, epoch=epoch))

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Order."""
        self._call(partial(self.store.set_password, key, password, epoch=epoch, now=now))

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """Order."""
        self._call(partial(self.store.revoke, key, now=now, epoch=epoch))

    def check(self) -> list[str]:
        """The store's own."""
        return self.store.check()

    def _call(self, act: Callable[[], T]) -> T:
        self.breaker.enter()
        if not self._places.acquire(blocking=False):
            raise StoreBusy
        job = self._pool.submit(act)
        job.add_done_callback(lambda _: self._places.release())  # not before: the line is taken until it answers
        try:
            answer = job.result(self.seconds)
        except TookTooLong:
            self.breaker.failed()
            raise StoreUncertain from None
        except StoreAway as away:
            raise StoreAway(max(away.seconds, self.breaker.failed())) from None
        except StoreUncertain:
            self.breaker.failed()
            raise
        except Exception:
            self.breaker.succeeded()  # it answered
            raise
        self.breaker.succeeded()
        return answer
