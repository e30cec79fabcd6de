"""Turns: the threads of one process write to SQLite one after the other, transactions on a name do on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session

from portal import engines

# Whether one acts beside others, and how one waits for one's turn then.
TURNS = {
    False: select(func.pg_advisory_xact_lock(bindparam("name", type_=BigInteger))),
    True: select(func.pg_advisory_xact_lock_shared(bindparam("name", type_=BigInteger))),
}
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


def in_turn(session: Session, name: bytes, *, beside_others: bool = False) -> None:
    """Wait until no other transaction acts on this name; held until commit (SQLite has one writer anyway).

    Those who act `beside_others` wait only for one who does not.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(TURNS[beside_others], {"name": number_of(name)})


def number_of(name: bytes) -> int:
    """The number by which PostgreSQL knows this name."""
    return int.from_bytes(name[:8], signed=True)
