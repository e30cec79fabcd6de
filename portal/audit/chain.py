"""The chain, walked: every fault of it by the entry that it was found at, in constant memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.trail import SAID, AuditEvent, AuditSeal
from portal.sealing import KeyRing

PAGE = 1000
# An event is told under the clock of its own machine, and by imports that may take hours.
LATE = timedelta(days=1)
UNREADABLE: list[Any] = []


class Fault(NamedTuple):
    """What is wrong, and with which entry."""

    entry: int
    says: str


class Entry(NamedTuple):
    """One link of the chain with what its event says: None where there is no event, UNREADABLE where it makes no sense.

    Numbers come as they are stored: whoever owns the database may have written anything.
    """

    sequence: Any
    key_id: Any
    mac: Any
    event: Any
    said: list[Any] | None


def faults(session: Session, keys: KeyRing, *, after: int = 0) -> Iterator[Fault]:
    """Every fault of the chain, first one first; what stands up to the entry `after` is believed."""
    expected, previous, latest = after, mac_at(session, after) or b"", None
    for entry in _entries(session, after):
        expected += 1
        if not isinstance(entry.sequence, int):  # SQLite lets anything stand anywhere
            yield Fault(expected, f"Entry {expected} has no number any more.")
        elif entry.sequence != expected:
            yield Fault(min(expected, entry.sequence), _gap(expected, entry.sequence))
            expected = max(expected - 1, entry.sequence)
        elif fault := _fault(keys, entry, previous, latest):
            yield Fault(expected, fault)
        elif entry.said:
            latest = max(latest or entry.said[0], entry.said[0])
        previous = entry.mac if isinstance(entry.mac, bytes) else b""


def slipped_in(session: Session) -> Iterator[Fault]:
    """Events that have no seal although later ones have: the worker seals in order, and never these."""
    settled = trail.settled(session)
    for event in trail.unsealed(session):
        if event > settled:
            return
        after = session.scalar(select(func.min(AuditSeal.sequence)).where(AuditSeal.event_id > event)) or 0
        yield Fault(
            after, f"Event {event} was slipped in before entry {after}: it has no seal, though later ones have."
        )


def waiting(session: Session) -> int:
    """How many events wait honestly for their seal."""
    settled = trail.settled(session)
    return sum(event > settled for event in trail.unsealed(session))


def mac_at(session: Session, sequence: int) -> bytes | None:
    """The seal at a place of the chain; None where there is none."""
    return session.scalar(select(AuditSeal.mac).where(AuditSeal.sequence == sequence))


def _gap(expected: int, found: int) -> str:
    if found < expected:
        return f"Entry {found} was slipped in: no entry of the worker has that number."
    return f"Entry {expected} is missing from the chain; the next is {found}."


def _fault(keys: KeyRing, entry: Entry, previous: bytes, latest: datetime | None) -> str | None:
    sequence, said = entry.sequence, entry.said
    if said is None:
        return f"The event of entry {sequence} was deleted."
    if said is UNREADABLE:
        return f"Entry {sequence} (event {entry.event}) makes no sense any more."
    if entry.key_id not in keys.masters:
        return f"Entry {sequence} names a key that is not on the ring."
    if entry.mac != trail.mac(keys, sequence, previous, entry.event, said, key_id=entry.key_id):
        return f"Entry {sequence} ({said[1]}, event {entry.event}) was changed after it was sealed."
    if latest and said[0] < latest - LATE:
        return f"Entry {sequence} ({said[1]}, event {entry.event}) says {said[0]:%Y-%m-%d %H:%M} UTC, but came later."
    return None


def _entries(session: Session, after: int) -> Iterator[Entry]:
    # Without a lower end, or what somebody numbered below one would never be seen.
    page = _page(session, after if after else None, PAGE)
    while page:
        yield from page
        page = _page(session, page[-1].sequence, PAGE)


def _page(session: Session, after: int | None, size: int) -> list[Entry]:
    seal = (AuditSeal.sequence, AuditSeal.key_id, AuditSeal.mac, AuditSeal.event_id)
    rows = select(*seal).order_by(AuditSeal.sequence).limit(size)
    if after is not None:
        rows = rows.where(AuditSeal.sequence > after)
    joined = rows.add_columns(AuditEvent.id, *SAID).outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
    try:
        found = session.execute(joined).all()
    except (ValueError, TypeError, DataError):  # somebody wrote what no portal writes: find out where, one by one
        if size > 1:
            return _page(session, after, size // 2)
        names = rows.with_only_columns(AuditSeal.sequence, AuditSeal.event_id)
        return [Entry(sequence, 0, b"", event, UNREADABLE) for sequence, event in session.execute(names)]
    return [Entry(row[0], row[1], row[2], row[3], None if row[4] is None else list(row[5:])) for row in found]
