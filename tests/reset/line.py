"""A store at the other end of a line: it does what it is told, unless the line breaks, before or after."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from portal.database import Database
from portal.reset.stores.protocol import AccountKey, Policy, Store, StoreBusy, StoredAccount, StoreUncertain

SILENT = "silent"  # the order never arrived
DONE_BUT_SILENT = "done but silent"  # it was carried out, but no answer came back
BUSY = "busy"
BROKEN = "broken"  # a fault that nobody foresaw


@dataclass
class Script:
    """What happens at the next calls of a method; then the line works again."""

    troubles: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))

    def misbehave(self, method: str, *troubles: str) -> None:
        """At the next calls of this method, so."""
        self.troubles[method].extend(troubles)


@dataclass
class Line:
    """A store behind the protocol, and the line to it."""

    store: Store
    script: Script

    @property
    def policy(self) -> Policy:
        """The store's own."""
        return self.store.policy

    def find(self, key: AccountKey) -> StoredAccount | None:
        """Ask."""
        return self._call("find", lambda: self.store.find(key))

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Order."""
        self._call("expire", lambda: self.store.expire(key, before=before, epoch=epoch))

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Order."""
        self._call("release", lambda: self.store.release(key, epoch=epoch))

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Order."""
        self._call("set_password", lambda: self.store.set_password(key, password, epoch=epoch, now=now))

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """Order."""
        self._call("revoke", lambda: self.store.revoke(key, now=now, epoch=epoch))

    def check(self) -> list[str]:
        """The store's own."""
        return self.store.check()

    def _call(self, method: str, act: Callable[[], Any]) -> Any:
        troubles = self.script.troubles[method]
        trouble = troubles.popleft() if troubles else None
        if trouble == BUSY:
            raise StoreBusy
        if trouble == BROKEN:
            raise RuntimeError("quotes a password perhaps")
        result = act() if trouble != SILENT else None
        if trouble:
            raise StoreUncertain
        return result


@contextmanager
def away_at(database: Database, *statements: str) -> Iterator[None]:
    """Let the database be away whenever a statement begins so."""

    def refuse(_connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(statements):
            raise OperationalError(statement, {}, Exception("the line is broken"))

    event.listen(database.engine, "before_cursor_execute", refuse)
    yield
    event.remove(database.engine, "before_cursor_execute", refuse)
