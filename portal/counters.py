"""Counters: web limits counted in the memory of the one web process, over sliding windows."""

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from limits.storage.base import SlidingWindowCounterSupport, Storage

SWEEP_SECONDS = 60


class Window(NamedTuple):
    """What one visitor did in a window of so many seconds, and in the one before it."""

    seconds: int
    number: int
    hits: int
    before: int


class WindowCounters(Storage, SlidingWindowCounterSupport):
    """As the library's own, which starts a thread and looks through all it holds every ten milliseconds."""

    STORAGE_SCHEME = ["windows"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        self.clock: Callable[[], float] = options.pop("clock", time.monotonic)
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()
        self._sweep_at = 0.0
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count it, unless there would be too many: the window before weighs as much as is left of it."""
        now = self.clock()
        with self._lock:
            self._sweep(now)
            held = self._now(key, expiry, now)
            left = 1 - now % expiry / expiry
            if int(held.before * left) + held.hits + amount > limit:
                return False
            self._windows[key] = held._replace(hits=held.hits + amount)
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The count of the window before and the seconds that it still weighs, and the same of this window."""
        now = self.clock()
        held, left = self._now(key, expiry, now), expiry - now % expiry
        return held.before, left if held.before else 0.0, held.hits, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget one visitor."""
        self.clear(key)

    def clear(self, key: str) -> None:
        """Forget one visitor."""
        self._windows.pop(key, None)

    def reset(self) -> int:
        """Forget everybody; returns how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def get(self, key: str) -> int:
        """The count of this window."""
        held = self._windows.get(key)
        return held.hits if held else 0

    def get_expiry(self, key: str) -> float:
        """Nothing here ends at one moment."""
        raise NotImplementedError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Only sliding windows are counted here."""
        raise NotImplementedError

    def check(self) -> bool:
        """Memory is always there."""
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing of its own goes wrong."""
        return ValueError

    def _now(self, key: str, seconds: int, now: float) -> Window:
        number, held = int(now // seconds), self._windows.get(key)
        if held is not None and held.number == number:
            return held
        before = held.hits if held is not None and held.number == number - 1 else 0
        return Window(seconds, number, 0, before)

    def _sweep(self, now: float) -> None:
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_SECONDS
        over = [key for key, held in self._windows.items() if held.number < now // held.seconds - 1]
        for key in over:
            del self._windows[key]
