"""Keyed: what a column owes to the key ring, said beside the column, so that a change of keys forgets none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, LargeBinary, MetaData, Table, and_, func, or_
from sqlalchemy import true as always

from portal.database import Base

KEYED, NUMBER = "keyed", "key_id"


@dataclass(frozen=True)
class Sealed:
    """Sealed for a purpose, bound to its row and to what the row is `within`; its first byte is the key's number."""

    purpose: str
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """What is looked up by: the MAC of what the columns `of` its row hold sealed, as it is `spelled`.

    One that `leads` is found by value too: other rows know the same thing by the same MAC.
    """

    purpose: str
    of: tuple[str, ...] = ()
    spelled: Callable[[str], str] | None = None
    leads: bool = True


@dataclass(frozen=True)
class Digest:
    """The MAC of a secret that only somebody else has, so it stays under its key; over at the moment `until`."""

    until: str = ""


Kind = Sealed | Index | Digest


def sealed(purpose: str, *within: str) -> dict[str, Kind]:
    """For the `info` of a column that is sealed."""
    return {KEYED: Sealed(purpose, within)}


def index(purpose: str, *of: str, spelled: Callable[[str], str] | None = None, leads: bool = True) -> dict[str, Kind]:
    """For the `info` of a column that is looked up by."""
    return {KEYED: Index(purpose, of, spelled, leads)}


def digest(until: str = "") -> dict[str, Kind]:
    """For the `info` of a column that a secret is compared with, until the moment in that other column."""
    return {KEYED: Digest(until)}


def kind_of(column: Column[bytes]) -> Kind | None:
    """What was said beside it."""
    said: Kind | None = column.info.get(KEYED)
    return said


def sealed_in(table: Table) -> dict[str, Sealed]:
    """The columns of a table that are sealed."""
    return {column.name: kind for column in table.c if isinstance(kind := kind_of(column), Sealed)}


def indexes_in(table: Table) -> dict[str, Index]:
    """The columns of a table that are looked up by."""
    return {column.name: kind for column in table.c if isinstance(kind := kind_of(column), Index)}


def leading(purpose: str, metadata: MetaData = Base.metadata) -> Iterator[Column[bytes]]:
    """Every column, of any table, by which this is found."""
    for table in metadata.sorted_tables:
        yield from (table.c[name] for name, kind in indexes_in(table).items() if kind.leads and kind.purpose == purpose)


def turns_its_number(table: Table) -> bool:
    """Whether the row's key number may change: where a digest stays under the old key, it tells of that one."""
    return NUMBER in table.c and not any(isinstance(kind_of(column), Digest) for column in table.c)


def not_under(table: Table, number: int) -> ColumnElement[bool]:
    """Whether something in a row is sealed with another key than this one."""
    return or_(*(_first(table, name) != bytes([number]) for name in sealed_in(table)))


def needs(table: Table, number: int, now: datetime) -> ColumnElement[bool] | None:
    """Whether a row cannot do without this key; None for a table that needs no key, or does not say which."""
    tests: list[ColumnElement[bool]] = [_first(table, name) == bytes([number]) for name in sealed_in(table)]
    kinds = [kind for column in table.c if (kind := kind_of(column))]
    if NUMBER in table.c and kinds:
        ends = {kind.until for kind in kinds if isinstance(kind, Digest)}
        alive = [or_(table.c[name].is_(None), table.c[name] > now) if name else always() for name in sorted(ends)]
        tests.append(and_(table.c[NUMBER] == number, or_(*alive) if alive else always()))
    return or_(*tests) if tests else None


def _first(table: Table, name: str) -> ColumnElement[bytes]:
    return func.substr(table.c[name], 1, 1, type_=LargeBinary())
