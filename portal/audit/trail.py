"""The trail: events are plain INSERTs; the worker seals them in order into a chain that shows any later change."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.events import Event
from portal.database import Base, in_turn
from portal.sealing import KeyRing

PURPOSE = "audit chain"
SEALING = b"audit chain"
BATCH = 500
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


def record(
    session: Session, kind: Event, *, now: datetime, actor: str, subject: str, **details: str | int | bool
) -> None:
    """Write one event within the caller's transaction."""
    session.add(AuditEvent(at=now, kind=kind.value, actor=actor, subject=subject, details=details))


def seal(session: Session, keys: KeyRing) -> int:
    """Chain the events that have no seal yet, oldest first; returns how many."""
    in_turn(session, SEALING)
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.sequence.desc()).limit(1))
    sequence, previous = (last.sequence, last.mac) if last else (0, b"")
    unsealed = (
        select(AuditEvent).outerjoin(AuditSeal).where(AuditSeal.event_id.is_(None)).order_by(AuditEvent.id).limit(BATCH)
    )
    count = 0
    for event in session.scalars(unsealed):
        sequence += 1
        previous = keys.mac(PURPOSE, *_said(event, sequence, previous))
        session.add(AuditSeal(event_id=event.id, sequence=sequence, key_id=keys.current, mac=previous))
        count += 1
    return count


def verify(session: Session, keys: KeyRing) -> Iterator[str]:
    """Every fault of the chain in words, first one first; nothing where it is whole."""
    expected, previous = 0, b""
    rows = (
        select(AuditSeal, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.sequence)
    )
    for mark, event in session.execute(rows.execution_options(yield_per=BATCH)):
        expected += 1
        if mark.sequence != expected:
            yield f"Entry {expected} is missing from the chain; the next is {mark.sequence}."
            expected = mark.sequence
        elif fault := _fault(keys, mark, event, previous):
            yield fault
        previous = mark.mac


def _fault(keys: KeyRing, mark: AuditSeal, event: AuditEvent | None, previous: bytes) -> str | None:
    if event is None:
        return f"The event of entry {mark.sequence} was deleted."
    if mark.key_id not in keys.masters:
        return f"Entry {mark.sequence} names a key that is not on the ring."
    if mark.mac != keys.mac(PURPOSE, *_said(event, mark.sequence, previous), key_id=mark.key_id):
        return f"Entry {mark.sequence} ({event.kind}, event {event.id}) was changed after it was sealed."
    return None


def waiting(session: Session) -> int:
    """How many events are not sealed yet."""
    return (
        session.scalar(
            select(func.count()).select_from(AuditEvent).outerjoin(AuditSeal).where(AuditSeal.event_id.is_(None))
        )
        or 0
    )


def _said(event: AuditEvent, sequence: int, previous: bytes) -> list[str]:
    details = json.dumps(event.details, sort_keys=True)
    return [
        str(sequence),
        previous.hex(),
        str(event.id),
        event.at.isoformat(),
        event.kind,
        event.actor,
        event.subject,
        details,
    ]
