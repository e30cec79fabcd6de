"""The database: the base of every table, moments in UTC, and sessions on either engine."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from itertools import count
from time import sleep
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import (
    DateTime,
    Dialect,
    FromClause,
    Insert,
    Integer,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.dml import ReturningInsert, UpdateBase

from portal import engines
from portal.turns import Turn

ONE = literal_column("1", Integer)
NOTHING: Mapping[str, Any] = MappingProxyType({})
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, in UTC on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive moment: nobody knows which hour it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; it was UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment}


class Database:
    """One engine and its sessions: `read()` sees one moment, `write()` commits once at its end."""

    def __init__(self, url: str) -> None:
        self.engine = engines.open_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        alone: dict[str, Any] = {"begin": ""} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._looking = self.engine.execution_options(**alone)
        self._turn = Turn()
        self._rests = count(1)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; nothing of it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def look(self) -> Connection:
        """A bare connection for a question of one statement, which sees one moment by itself; close it soon."""
        return self._looking.connect()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for acting; commits at the end, or nothing happened."""
        with self._alone(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            session.connection()
            self._turn.begun()
            yield session

    @contextmanager
    def say(self) -> Iterator[Connection]:
        """A bare connection for one statement that changes something: committed by itself, without further words."""
        if self.is_sqlite:
            with self.write() as session:
                yield session.connection()
        else:
            with self.look() as line:
                yield line

    def rest(self) -> None:
        """Between the transactions of a long work: let whoever waits for SQLite's writer go, and shorten its log."""
        if self.is_sqlite:
            sleep(engines.GAP_SECONDS)
            if next(self._rests) % engines.WORKS_LOGGED == 0:
                with self.look() as line:
                    engines.shorten_log(line)

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def _alone(self) -> AbstractContextManager[None]:
        return self._turn.taken() if self.is_sqlite else nullcontext()


def changed(session: Session, statement: UpdateBase, **said: Any) -> int:
    """Carry out an UPDATE or DELETE by the database alone, with what its parameters say; returns how many rows."""
    result = session.execute(statement, said, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def copied(session: Session, table: type[Base], **values: Any) -> None:
    """Add a row for each one that these expressions select, by the database alone; each gets a random `id`."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    made = func.gen_random_uuid() if on_postgresql else func.lower(func.hex(func.randomblob(16)))
    adding = insert(table).from_select(["id", *values], select(made, *values.values()), include_defaults=False)
    session.execute(adding)


def inserted(
    session: Session,
    table: type[Base],
    unless: tuple[Select[Any], ...] = (),
    about: Mapping[str, Any] = NOTHING,
    /,
    **values: Any,
) -> bool:
    """Add a row by the database alone; False if such rows are there, or if a UNIQUE has it already.

    The questions of `unless` are the same at each call; what they ask `about` are their parameters.
    """
    adding = _addition(session.get_bind().dialect.name, table, tuple(values), unless)
    return session.connection().execute(adding, {**as_new(values), **about}).first() is not None


def as_new(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an `addition` of these values."""
    return {f"new_{name}": value for name, value in values.items()}


def addition(
    dialect: str,
    table: type[Base],
    names: tuple[str, ...],
    unless: tuple[Select[Any], ...],
    since: tuple[FromClause, ...] = (),
) -> Insert:
    """The statement that `inserted` says; as part of another one, only where there is a row of each of `since`."""
    rows = cast("Table", table.__table__)
    given = select(*(bindparam(f"new_{name}", type_=rows.c[name].type) for name in names)).select_from(*since)
    allowed = given.where(true(), *(~found.exists() for found in unless))
    adding = postgresql.insert(rows) if dialect == "postgresql" else sqlite.insert(rows)
    return adding.from_select(names, allowed).on_conflict_do_nothing()


@cache
def _addition(
    dialect: str, table: type[Base], names: tuple[str, ...], unless: tuple[Select[Any], ...]
) -> ReturningInsert[tuple[int]]:
    # Saying a statement anew costs as much as carrying it out.
    return addition(dialect, table, names, unless).returning(ONE)


def is_outage(error: BaseException) -> bool:
    """Whether the database itself is away, full or locked, rather than our statement wrong."""
    return isinstance(error, OperationalError | InterfaceError | InternalError | PoolExhausted)
