"""Turns: the threads of one process write to SQLite one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from sqlalchemy.exc import TimeoutError as PoolExhausted

from portal import engines

# Threads wait so long behind one of them that waits for another process.
STUCK_SECONDS = 1


class Turn:
    """Threads take turns to write: SQLite's own waiting sleeps and looks again, which under load is slow and unfair.

    While one waits for another process, the others are refused soon, so that pages without database still come.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waits_since = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn; raises PoolExhausted where it does not come."""
        late = monotonic() + engines.PATIENCE_SECONDS
        while not self._lock.acquire(timeout=STUCK_SECONDS / 4):
            now = monotonic()
            if now > late or (self._waits_since and now - self._waits_since > STUCK_SECONDS):
                raise PoolExhausted("another thread's writing does not end")
        self._waits_since = monotonic()
        try:
            yield
        finally:
            self.begun()
            self._lock.release()

    def begun(self) -> None:
        """The database has let the holder in."""
        self._waits_since = 0.0
