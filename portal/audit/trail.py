"""The trail: events are plain INSERTs; the worker seals them in order into a chain that shows any later change."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    FromClause,
    Insert,
    Integer,
    LargeBinary,
    String,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.events import Event
from portal.database import Base
from portal.sealing import KeyRing
from portal.turns import in_turn

PURPOSE = "audit chain"
SEALING = b"audit chain"
BATCH = 500
STRIDE = 50_000
# PostgreSQL gives out numbers before it commits them, so among this many before the newest one may still come.
LATE_COMERS = 20_000
WORKER = "worker"


class AuditEvent(Base):
    """Something that happened; actors and subjects are pseudonyms, never addresses or names of customers."""

    __tablename__ = "audit_event"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class AuditSeal(Base):
    """An event's place in the chain: UNIQUE lets only one sealer go first."""

    __tablename__ = "audit_seal"

    event_id: Mapped[int] = mapped_column(ForeignKey(AuditEvent.id), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    key_id: Mapped[int]
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


SAID = (AuditEvent.at, AuditEvent.kind, AuditEvent.actor, AuditEvent.subject, AuditEvent.details)
RECORDING = insert(AuditEvent)
UNSEALED = ~select(AuditSeal.event_id).where(AuditSeal.event_id == AuditEvent.id).exists()


def record(
    session: Session, kind: Event, *, now: datetime, actor: str, subject: str, **details: str | int | bool
) -> None:
    """Write one event within the caller's transaction: a plain INSERT, without the bookkeeping of objects."""
    session.connection().execute(RECORDING, said(kind, now=now, actor=actor, subject=subject, **details))


def said(kind: Event, *, now: datetime, actor: str, subject: str, **details: str | int | bool) -> dict[str, Any]:
    """What an event says, by its columns."""
    return {"at": now, "kind": kind.value, "actor": actor, "subject": subject, "details": details}


def recording(of: FromClause) -> Insert:
    """The statement that writes an event for each row that another part of it returns; `said_*` are its parameters."""
    given = select(*(bindparam(f"said_{one.key}", type_=one.type) for one in SAID)).select_from(of)
    return insert(AuditEvent).from_select([one.key for one in SAID], given, include_defaults=False)


def is_news(session: Session) -> bool:
    """Whether anything was recorded since the last sealing; costs next to nothing."""
    newest, sealed = select(func.max(AuditEvent.id)), select(func.max(AuditSeal.event_id))
    return (session.scalar(newest) or 0) > (session.scalar(sealed) or 0)


def seal(session: Session, keys: KeyRing) -> int:
    """Chain the events that have no seal yet, oldest first, BATCH at most; returns how many."""
    in_turn(session, SEALING)
    last = newest(session)
    sequence, previous = (last.sequence, last.mac) if last else (0, b"")
    unsealed = select(AuditEvent.id, *SAID).where(AuditEvent.id > settled(session), UNSEALED)
    rows = []
    for event, *said in session.execute(unsealed.order_by(AuditEvent.id).limit(BATCH)):
        sequence += 1
        previous = mac(keys, sequence, previous, event, said)
        rows.append({"event_id": event, "sequence": sequence, "key_id": keys.current, "mac": previous})
    if rows:
        session.execute(insert(AuditSeal), rows)
    return len(rows)


def newest(session: Session) -> AuditSeal | None:
    """The chain's last seal."""
    return session.scalar(select(AuditSeal).order_by(AuditSeal.sequence.desc()).limit(1))


def latest(session: Session, kind: Event, subject: str) -> datetime | None:
    """When this last happened to a subject, or None."""
    of = select(func.max(AuditEvent.at)).where(AuditEvent.kind == kind.value, AuditEvent.subject == subject)
    return session.scalar(of)


def settled(session: Session) -> int:
    """The event up to which nothing honest can come any more: what is found there without a seal was slipped in."""
    late = LATE_COMERS if session.get_bind().dialect.name == "postgresql" else 0
    return (session.scalar(select(func.max(AuditSeal.event_id))) or 0) - late


def unsealed(session: Session) -> Iterator[int]:
    """The numbers of all events without a seal, in order; reads the whole trail, piece by piece."""
    start = session.scalar(select(func.min(AuditEvent.id)))
    while start is not None:
        piece = AuditEvent.id.between(start, start + STRIDE - 1)
        yield from session.scalars(select(AuditEvent.id).where(piece, UNSEALED).order_by(AuditEvent.id)).all()
        start = session.scalar(select(func.min(AuditEvent.id)).where(AuditEvent.id >= start + STRIDE))


def mac(
    keys: KeyRing, sequence: int, previous: bytes, event: int, said: list[Any], *, key_id: int | None = None
) -> bytes:
    """The seal of an event at its place: it covers everything that the event says, and the seal before it."""
    at, kind, actor, subject, details = said
    parts = (sequence, previous.hex(), event, at.isoformat(), kind, actor, subject, json.dumps(details, sort_keys=True))
    return keys.mac(PURPOSE, *map(str, parts), key_id=key_id)
