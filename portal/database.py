"""The database: the base of every table, moments in UTC, and sessions on either engine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, create_engine, event, func, make_url, select
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DisconnectionError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.dml import UpdateBase

# A person should hear from us within 5 seconds even when the database does not answer (ENG-04).
PATIENCE_SECONDS = 4
# A connection that rested longer is asked whether it still lives; one in use costs no further question.
REST_SECONDS = 1
# The connection that was given back last is taken first, so that the others may rest.
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": PATIENCE_SECONDS, "pool_use_lifo": True}

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
        self.engine = _postgresql(url) if make_url(url).get_backend_name() == "postgresql" else _sqlite(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; nothing of it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for acting; commits at the end, or nothing happened."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def changed(session: Session, statement: UpdateBase) -> int:
    """Carry out an UPDATE or DELETE by the database alone; returns how many rows it changed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def in_turn(session: Session, name: bytes) -> None:
    """Wait until no other transaction acts on this name; held until commit (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        lock = int.from_bytes(name[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(lock)))


def is_outage(error: BaseException) -> bool:
    """Whether the database itself is away, full or locked, rather than our statement wrong."""
    return isinstance(error, OperationalError | InterfaceError | InternalError | PoolExhausted)


def _postgresql(url: str) -> Engine:
    settings = f"-c statement_timeout={PATIENCE_SECONDS * 1000} -c timezone=UTC"
    arguments: dict[str, Any] = {"connect_timeout": PATIENCE_SECONDS - 1, "options": settings}
    engine = create_engine(url, connect_args=arguments, **POOL)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", partial(_look_after_rest, engine))
    return engine


def _note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _look_after_rest(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    since = record.info.get("rests_since")
    if since is None or time.monotonic() - since < REST_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except Exception as error:
        raise DisconnectionError from error  # the pool opens another one


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": PATIENCE_SECONDS, "isolation_level": None}, **POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # FULL: an answer or a grant that we acknowledged must survive a power cut.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A write takes its lock at once: a lock taken half-way cannot wait and fails.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
