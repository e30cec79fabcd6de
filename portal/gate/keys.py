"""Keys of the gate: each opens one brand for some kinds of questions; only their digests are kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.audit import trail
from portal.audit.events import Event
from portal.database import Base, changed
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_token, is_token

PURPOSE = "gate key"
PREFIX = "gate_"  # so that a key is known for what it is wherever it was left lying
HAS_NO_END = text("ends_at is null")


class Scope(StrEnum):
    """What a key may be good for."""

    READ = "read"
    CHANGES = "changes"
    CLEAR = "clear"
    COHORT = "cohort"


class GateKey(Base):
    """A key by its digest; after `ends_at` it opens nothing. A sandbox's opens the made-up cast only."""

    __tablename__ = "gate_key"
    __table_args__ = (
        CheckConstraint("scopes <> ''", name="scopes"),
        # Of keys with one name only the newest has no end.
        Index("ix_gate_key_name", "name", unique=True, sqlite_where=HAS_NO_END, postgresql_where=HAS_NO_END),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    name: Mapped[str] = mapped_column(String(40))
    brand: Mapped[str] = mapped_column(String(40))
    scopes: Mapped[str] = mapped_column(String(40))
    sandbox: Mapped[bool] = mapped_column(default=False)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=keyed.digest("ends_at"))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Holder:
    """Who asks: the key's id and name, its brand, and what it is good for."""

    id: UUID
    name: str
    brand: str
    scopes: frozenset[str]
    sandbox: bool
    ends_at: datetime | None

    @property
    def actor(self) -> str:
        """As the trail calls it."""
        return f"gate:{self.name}"


class NameTaken(Exception):
    """There is a key of this name already, and it has no end."""


class NoSuchKey(Exception):
    """There is no living key of this name."""


@dataclass(frozen=True)
class Wanted:
    """What a new key is to be."""

    name: str
    brand: str
    scopes: Collection[Scope]
    sandbox: bool = False


def make(session: Session, keys: KeyRing, wanted: Wanted, *, by: str, now: datetime) -> str:
    """Make a key; returns it, and nobody can tell it again. Raises NameTaken."""
    try:
        token = _add(session, keys, wanted, now)
    except IntegrityError:
        raise NameTaken from None
    _note(session, Event.GATE_OPENED, wanted.name, by, now, brand=wanted.brand, scopes=_spelled(wanted.scopes))
    return token


def rotate(session: Session, keys: KeyRing, name: str, *, by: str, ends_at: datetime, now: datetime) -> str:
    """Make another key for the same; the one before it is good until `ends_at`. Raises NoSuchKey."""
    living = select(GateKey).where(GateKey.name == name, GateKey.ends_at.is_(None))
    old = session.scalar(living.with_for_update())
    if old is None:
        raise NoSuchKey
    changed(session, update(GateKey).where(GateKey.id == old.id).values(ends_at=ends_at))
    _note(session, Event.GATE_ROTATED, name, by, now, until=ends_at.isoformat())
    same = Wanted(old.name, old.brand, [Scope(word) for word in old.scopes.split()], old.sandbox)
    return _add(session, keys, same, now)


def end(session: Session, name: str, *, by: str, now: datetime) -> int:
    """End every key of this name now; returns how many were good. Raises NoSuchKey."""
    good = update(GateKey).where(GateKey.name == name, or_(GateKey.ends_at.is_(None), GateKey.ends_at > now))
    ended = changed(session, good.values(ends_at=now))
    if not ended:
        raise NoSuchKey
    _note(session, Event.GATE_CLOSED, name, by, now)
    return ended


def everything(session: Session) -> Sequence[GateKey]:
    """Every key there ever was, by name, oldest first."""
    return session.scalars(select(GateKey).order_by(GateKey.name, GateKey.id)).all()


def find(session: Session, keys: KeyRing, given: str, *, now: datetime) -> Holder | None:
    """Whose key it is, or None if it is nobody's any more."""
    token = given.removeprefix(PREFIX)
    if token == given or not is_token(token):
        return None
    digests = keys.macs(PURPOSE, token).values()
    found = session.scalar(select(GateKey).where(GateKey.digest.in_(digests)))
    if found is None or (found.ends_at and found.ends_at <= now):
        return None
    return Holder(found.id, found.name, found.brand, frozenset(found.scopes.split()), found.sandbox, found.ends_at)


def any_exist(session: Session) -> bool:
    """Whether anybody may ever ask the gate."""
    return session.scalar(select(GateKey.id).limit(1)) is not None


def brands_with(session: Session, scope: Scope, *, now: datetime) -> list[str]:
    """The brands for which a key is good for this, but for sandboxes."""
    good = select(GateKey.brand, GateKey.scopes).where(~GateKey.sandbox)
    held = session.execute(good.where(or_(GateKey.ends_at.is_(None), GateKey.ends_at > now)))
    return sorted({brand for brand, scopes in held if scope in scopes.split()})


def _add(session: Session, keys: KeyRing, wanted: Wanted, now: datetime) -> str:
    token = fresh_token()
    key = GateKey(name=wanted.name, brand=wanted.brand, scopes=_spelled(wanted.scopes), sandbox=wanted.sandbox)
    key.key_id, key.digest, key.made_at = keys.current, keys.mac(PURPOSE, token), now
    session.add(key)
    session.flush()
    return PREFIX + token


def _spelled(scopes: Collection[Scope]) -> str:
    return " ".join(sorted(set(scopes)))


def _note(session: Session, event: Event, name: str, by: str, now: datetime, **said: str) -> None:
    trail.record(session, event, now=now, actor=by, subject=f"gate:{name}", **said)
