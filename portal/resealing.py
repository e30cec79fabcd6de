"""Resealing: table after table, what is sealed comes under the current key, and what finds it follows."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import keyed
from portal.database import Base, changed
from portal.keyed import Index, Sealed
from portal.sealing import KeyRing, SealBroken

AT_ONCE = 100  # SQLite's other writers wait for a step: some milliseconds

# By purpose: the MAC so far, and the one under the current key.
Moved = dict[str, dict[bytes, bytes]]


@dataclass(frozen=True)
class Step:
    """What a step did: the last row that it looked at, how many it turned, how many do not open."""

    last: Any
    done: int
    broken: int


def tables(*, besides: str) -> list[Table]:
    """Every table in which something is sealed, but for one."""
    return [one for one in Base.metadata.sorted_tables if keyed.sealed_in(one) and one.name != besides]


def turn_next(
    keys: KeyRing, table: Table, mailbox: Callable[[str], str], session: Session, after: Any = None
) -> Step | None:
    """Turn the next rows of a table, in order; None where none is left. `mailbox` spells that of an address."""
    (number,) = table.primary_key.columns
    old = select(table).where(keyed.not_under(table, keys.current)).order_by(number).limit(AT_ONCE)
    batch = session.execute(old if after is None else old.where(number > after)).all()
    if not batch:
        return None
    moved, done, broken = no_moves(), 0, 0
    for row in batch:
        try:
            done += _turn(session, keys, table, row, mailbox, moved)
        except SealBroken:
            broken += 1
    follow(session, keys, moved)
    return Step(getattr(batch[-1], number.name), done, broken)


def needed(session: Session, number: int, now: datetime) -> dict[str, int]:
    """How many rows of each table cannot do without a key."""
    counted = {}
    for table in Base.metadata.sorted_tables:
        test = keyed.needs(table, number, now)
        if test is not None:
            counted[table.name] = session.scalar(select(func.count()).select_from(table).where(test)) or 0
    return {name: count for name, count in counted.items() if count}


def no_moves() -> Moved:
    """Nothing yet."""
    return defaultdict(dict)


def follow(session: Session, keys: KeyRing, moved: Moved) -> None:
    """Let every row that knows something by a MAC of before know it by that under the current key."""
    for purpose, pairs in moved.items():
        for column in keyed.leading(purpose):
            for before in session.scalars(select(column).where(column.in_(pairs)).distinct()).all():
                values: dict[str, Any] = {column.name: pairs[before]}
                if keyed.turns_its_number(column.table):
                    values[keyed.NUMBER] = keys.current
                try:
                    with session.begin_nested():
                        changed(session, update(column.table).where(column == before).values(values))
                except IntegrityError:
                    continue  # a younger row is there under the current key


def _turn(
    session: Session, keys: KeyRing, table: Table, row: Row[Any], mailbox: Callable[[str], str], moved: Moved
) -> int:
    held = dict(row._mapping)
    (number,) = table.primary_key.columns
    kinds = {name: kind for name, kind in keyed.sealed_in(table).items() if held[name] is not None}
    texts = {name: _opened(keys, held, held[number.name], name, kind) for name, kind in kinds.items()}
    values: dict[str, Any] = {
        name: keys.seal(kind.purpose, held[number.name], texts[name], *(held[one] for one in kind.within))
        for name, kind in kinds.items()
    }
    for name, kind in keyed.indexes_in(table).items():
        new = _renewed(keys, kind, texts, held[name], mailbox)
        values[name] = new
        if kind.leads and new != held[name]:
            moved[kind.purpose][held[name]] = new
    if keyed.turns_its_number(table):
        values[keyed.NUMBER] = keys.current
    # What was written or erased meanwhile is not overwritten; the next rotation finds it.
    same = [table.c[name] == held[name] for name in kinds]
    return changed(session, update(table).where(number == held[number.name], *same).values(values))


def _opened(keys: KeyRing, held: Mapping[str, Any], row: Any, name: str, kind: Sealed) -> str:
    return keys.unseal(kind.purpose, row, held[name], *(held[one] for one in kind.within))


def _renewed(
    keys: KeyRing, kind: Index, texts: Mapping[str, str], before: bytes, mailbox: Callable[[str], str]
) -> bytes:
    for text in (texts[name] for name in kind.of if name in texts):
        with suppress(ValueError):  # a member's address, say, is not spelled as a customer's
            macs = keys.macs(kind.purpose, (kind.spelled or mailbox)(text))
            if before in macs.values():
                return macs[keys.current]
    return before
