"""Turns: what is told to a store outside about one account is told one thing at a time, and in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LargeBinary, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import keyed
from portal.clock import Clock
from portal.database import Base, Database, changed, inserted
from portal.identity.customers import REFERENCE_INDEX
from portal.reset.stores.protocol import (
    AccountKey,
    Overtaken,
    PasswordRefused,
    Policy,
    SamePassword,
    StillWaiting,
    Store,
    StoreAway,
    StoreBusy,
    StoredAccount,
)
from portal.sealing import KeyRing

NOTHING_WAS_DONE = (Overtaken, PasswordRefused, SamePassword, StoreAway, StoreBusy)

LEASE = timedelta(seconds=15)  # longer than a call lasts, so that what was not answered has ended one way or the other


class StoreTurn(Base):
    """One account's turn: `orders` counts what was told, `epoch` the passwords that were set, the last `changed_at`."""

    __tablename__ = "store_turn"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, info=keyed.index(REFERENCE_INDEX))
    orders: Mapped[int] = mapped_column(default=1)
    epoch: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime | None]
    taken_until: Mapped[datetime | None]


@dataclass
class InTurn:
    """A store outside: nothing old is told after something new, whoever tells it, and whatever was not answered."""

    store: Store
    database: Database
    keys: KeyRing
    clock: Clock

    @property
    def policy(self) -> Policy:
        """The store's own."""
        return self.store.policy

    def find(self, key: AccountKey) -> StoredAccount | None:
        """As the store says it, and as we remember it: a store need not know when a password was set."""
        found = self.store.find(key)
        if found is None:
            return None
        mine = self._row(key)
        ours = mine.changed_at if mine else None
        at = max(filter(None, (found.changed_at, ours)), default=None)
        return replace(found, changed_at=at, epoch=mine.epoch if mine else 1)

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Unless a younger password was set by us since the order was given."""
        with self._turn(key) as turn:
            if turn.changed_at is None or turn.changed_at < before:
                self.store.expire(key, before=before, epoch=turn.orders)

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """In turn."""
        with self._turn(key) as turn:
            self.store.release(key, epoch=turn.orders)

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """In turn, and only on the account as it was at this epoch."""
        with self._turn(key) as turn:
            if turn.epoch != epoch:
                raise Overtaken
            self.store.set_password(key, password, epoch=turn.orders, now=now)
            self._end(turn, epoch=epoch + 1, changed_at=now)

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """In turn."""
        with self._turn(key) as turn:
            self.store.revoke(key, now=now, epoch=turn.orders)

    def check(self) -> list[str]:
        """The store's own."""
        return self.store.check()

    @contextmanager
    def _turn(self, key: AccountKey) -> Iterator[StoreTurn]:
        """Hold the account's turn; raises StillWaiting where another holds it."""
        turn = self._taken(key)
        try:
            yield turn
        except NOTHING_WAS_DONE:
            self._end(turn)
            raise
        # Any other fault keeps it: what was not answered may still arrive, but not later than its lease ends.
        self._end(turn)

    def _taken(self, key: AccountKey) -> StoreTurn:
        now, accounts = self.clock(), self._accounts(key)
        mine, until = StoreTurn.account.in_(accounts), now + LEASE
        free = update(StoreTurn).where(mine, or_(StoreTurn.taken_until.is_(None), StoreTurn.taken_until <= now))
        with self.database.write() as session:
            if not changed(session, free.values(taken_until=until, orders=StoreTurn.orders + 1)):
                known = session.scalar(select(StoreTurn.account).where(mine))
                values = {"account": accounts[-1], "orders": 1, "epoch": 1, "taken_until": until}
                if known or not inserted(session, StoreTurn, **values):
                    raise StillWaiting
            return session.scalars(select(StoreTurn).where(mine)).one()

    def _end(self, turn: StoreTurn, **also: Any) -> None:
        # By its number: where the lease ended long ago, the turn is somebody else's now.
        mine = update(StoreTurn).where(StoreTurn.account == turn.account, StoreTurn.orders == turn.orders)
        with self.database.write() as session:
            changed(session, mine.values(taken_until=None, **also))

    def _row(self, key: AccountKey) -> StoreTurn | None:
        with self.database.read() as session:
            return session.scalar(select(StoreTurn).where(StoreTurn.account.in_(self._accounts(key))))

    def _accounts(self, key: AccountKey) -> list[bytes]:
        """Under each live key, the current one last."""
        held = self.keys.macs(REFERENCE_INDEX, key.brand, key.reference)
        return [*(held[name] for name in held if name != self.keys.current), held[self.keys.current]]
