"""Pouring: many rows into a table by the quickest way that its database has, COPY on PostgreSQL."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import Base

# As one row travels: a line of COPY's text format on PostgreSQL, a tuple of SQLite's own kinds on SQLite.
Poured = bytes | tuple[object, ...]
Shape = Callable[[Sequence[object]], Poured]

# What one transaction touches fits in, so that each page of SQLite is written once and not read again.
ROOM_KB = 24_000

ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
SPELLINGS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: r"\N",
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: rf"\\x{value.hex()}",
    str: lambda value: value.translate(ESCAPES),
    int: str,
    UUID: str,
}


def as_line(values: Sequence[object]) -> Poured:
    """A row for PostgreSQL."""
    return ("\t".join([SPELLINGS[type(value)](value) for value in values]) + "\n").encode()


def as_tuple(values: Sequence[object]) -> Poured:
    """A row for SQLite."""
    return tuple([value.hex if type(value) is UUID else value for value in values])


def shape_for(*, is_sqlite: bool) -> Shape:
    """How rows are made ready for this engine, by any process and before any transaction."""
    return as_tuple if is_sqlite else as_line


def make_room(session: Session) -> None:
    """Let this connection remember more of SQLite's pages than a web page needs."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{ROOM_KB}")


def pour(session: Session, table: type[Base], columns: Sequence[str], rows: Sequence[Poured]) -> None:
    """Add rows that were made ready; every column that has no default of the database must be among these.

    Raises DBAPIError, whichever way they go.
    """
    if not rows:
        return
    name, listed = table.__tablename__, ", ".join(columns)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {name} ({listed}) VALUES ({places})", list(rows))  # noqa: S608
        return
    line: Any = connection.connection.driver_connection
    said, broken = f"COPY {name} ({listed}) FROM STDIN", connection.dialect.loaded_dbapi.Error
    try:
        with line.cursor() as cursor, cursor.copy(said) as copy:
            copy.write(b"".join(rows))  # type: ignore[arg-type]
    except broken as error:
        raise DBAPIError.instance(said, None, error, broken) from None
