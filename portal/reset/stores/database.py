"""The `database` store: the portal's own table of passwords, for companies that have no other."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import CheckConstraint, LargeBinary, String, Update, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.clock import Clock, now
from portal.config import Settings
from portal.database import Base, Database, changed, is_outage
from portal.identity.customers import REFERENCE_INDEX
from portal.reset.hashing import Hasher, compared, hashed_anew
from portal.reset.stores.protocol import (
    LONG,
    SHORT,
    AccountKey,
    Overtaken,
    Policy,
    SamePassword,
    StoredAccount,
    StoreUncertain,
)
from portal.sealing import KeyRing


class Credential(Base):
    """A password as a PHC string; sessions that began before `sessions_from` are over."""

    __tablename__ = "credential"
    __table_args__ = (CheckConstraint("password_hash is null or password_hash like '$argon2id$%'", name="argon2id"),)

    account: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, info=keyed.index(REFERENCE_INDEX))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime | None]
    must_reset: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=1)
    sessions_from: Mapped[datetime | None]


@dataclass
class DatabaseStore:
    """The store; `log_in` is what a login page of the company's own would ask."""

    database: Database
    keys: KeyRing
    hasher: Hasher
    policy: Policy
    clock: Clock = now

    @classmethod
    def of(cls, settings: Settings, database: Database, keys: KeyRing, clock: Clock = now) -> "DatabaseStore":
        """The store over the portal's own database."""
        processes = (os.cpu_count() or 1) // settings.web_processes
        hasher = Hasher(settings.hashing, processes=processes, waiting=settings.web_threads // 4)
        return cls(database, keys, hasher, SHORT if settings.store_has_second_factor else LONG, clock)

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account, or None."""
        found = self._row(key)
        return _shown(found) if found else None

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Mark it and end its sessions, unless its password is younger; one of unknown age counts as old."""
        self.expire_all([key], before=before)

    def expire_all(self, keys: Sequence[AccountKey], *, before: datetime) -> Sequence[StoredAccount | None]:
        """The same for many, by two statements."""
        meant = [self._accounts(key) for key in keys]
        mine = Credential.account.in_([account for accounts in meant for account in accounts])
        old = or_(Credential.changed_at.is_(None), Credential.changed_at < before)
        marked = update(Credential).where(mine, Credential.password_hash.is_not(None), old)
        values = {"must_reset": True, "sessions_from": self.clock()}
        with self._writing() as session:
            held = {row.account: _shown(row) for row in session.scalars(select(Credential).where(mine))}
            changed(session, marked.values(**values).execution_options(synchronize_session=False))
        return [next((held[one] for one in accounts if one in held), None) for accounts in meant]

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """Take the mark back."""
        self._write(self._of(key).values(must_reset=False))

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Hash it off the page's thread, and write it where the epoch still is as it was."""
        found = self._row(key)
        if found is None or found.epoch != epoch:
            raise Overtaken
        new = self.hasher.run(partial(hashed_anew, old=found.password_hash, password=password))
        if new is None:
            raise SamePassword
        # Sessions end with the old password at once, whatever becomes of the order to revoke them.
        values = {
            "password_hash": new,
            "changed_at": now,
            "sessions_from": now,
            "must_reset": False,
            "epoch": epoch + 1,
        }
        if not self._write(self._of(key).where(Credential.epoch == epoch).values(**values)):
            raise Overtaken

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """Sessions that began earlier are over; orders may come late, and never bring one back."""
        earlier = or_(Credential.sessions_from.is_(None), Credential.sessions_from < now)
        self._write(self._of(key).where(earlier).values(sessions_from=now))

    def check(self) -> list[str]:
        """Nothing but the database itself can stand in the way."""
        return []

    def log_in(self, key: AccountKey, password: str) -> bool:
        """Whether this password opens the account now; a better hash is kept where parameters have grown."""
        found = self._row(key)
        kept = found.password_hash if found and not found.must_reset else None
        right, better = self.hasher.run(partial(compared, kept=kept, password=password))
        if better:
            self._write(self._of(key).where(Credential.password_hash == kept).values(password_hash=better))
        return right

    def _row(self, key: AccountKey) -> Credential | None:
        with self.database.read() as session:
            return session.scalar(select(Credential).where(Credential.account.in_(self._accounts(key))))

    def _of(self, key: AccountKey) -> Update:
        return update(Credential).where(Credential.account.in_(self._accounts(key)))

    def _accounts(self, key: AccountKey) -> list[bytes]:
        return list(self.keys.macs(REFERENCE_INDEX, key.brand, key.reference).values())

    def _write(self, statement: Update) -> bool:
        with self._writing() as session:
            return changed(session, statement) == 1

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        try:
            with self.database.write() as session:
                yield session
        except Exception as error:
            if is_outage(error):
                raise StoreUncertain from None
            raise


def _shown(held: Credential) -> StoredAccount:
    return StoredAccount(held.password_hash is not None, held.changed_at, held.must_reset, held.epoch)
