"""The two engines: how a connection is opened, how long anybody waits for it, and what it is told first."""

import sqlite3
from functools import partial
from importlib import import_module
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

# A person should hear from us within 5 seconds even when the database does not answer (ENG-04).
PATIENCE_SECONDS = 4
STATEMENT_SECONDS = 3
# SQLite has one writer: the others wait so long.
LOCKED_SECONDS = 3
LOOK_SECONDS = 0.002
# A long work rests so long between its transactions, or those who look would meet its next one again and again.
GAP_SECONDS = 2 * LOOK_SECONDS
# A long work empties the log after so many: each page is written to the file once then, however often it changed.
WORKS_LOGGED = 5
# Pages of 4 KB in the log beyond which whoever commits brings them to the file: more than a long work leaves there.
LOGGED = 20_000
# A connection that rested longer is asked whether it still lives; one in use costs no further question.
REST_SECONDS = 1
# The connection that was given back last is taken first, so that the others may rest.
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": PATIENCE_SECONDS, "pool_use_lifo": True}


def open_engine(url: str) -> Engine:
    """The engine of a URL; nothing is connected before it is needed."""
    return _postgresql(url) if make_url(url).get_backend_name() == "postgresql" else _sqlite(url)


def _postgresql(url: str) -> Engine:
    # By name, because PostgreSQL's driver is an extra.
    patience = import_module("portal.patience")
    settings = f"-c statement_timeout={int(1000 * STATEMENT_SECONDS)} -c timezone=UTC"
    arguments: dict[str, Any] = {"connect_timeout": patience.CONNECTING_SECONDS, "options": settings}
    # A database made where nobody said a language would otherwise answer in bytes, and nobody could say what is wrong.
    arguments["client_encoding"] = "UTF8"
    engine = create_engine(url, connect_args=arguments, **POOL)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", partial(_look_after_rest, engine))
    patience.teach(engine)
    return engine


def _note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = monotonic()


def _look_after_rest(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    since = record.info.get("rests_since")
    if since is None or monotonic() - since < REST_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except Exception as error:
        raise DisconnectionError from error  # the pool opens another one


def _sqlite(url: str) -> Engine:
    arguments: dict[str, Any] = {"timeout": LOCKED_SECONDS, "isolation_level": None}
    engine = create_engine(url, connect_args=arguments, **POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # FULL: an answer or a grant that we acknowledged must survive a power cut.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"wal_autocheckpoint={LOGGED}"):
        connection.execute(f"PRAGMA {pragma}")


def shorten_log(line: Connection) -> None:
    """Bring SQLite's log to the file, and let the next writer begin the log anew.

    By themselves commits do the first without the second while others write, and then the log grows without end.
    """
    line.exec_driver_sql("PRAGMA busy_timeout=0")  # nobody waits for us; where somebody reads, the next time will do
    try:
        # The first takes long and stops nobody; the second stops all writers, and has nothing left to do.
        for how in ("PASSIVE", "RESTART"):
            line.exec_driver_sql(f"PRAGMA wal_checkpoint({how})").all()
    finally:
        line.exec_driver_sql(f"PRAGMA busy_timeout={1000 * LOCKED_SECONDS}")


def _begin_sqlite(connection: Connection) -> None:
    # A write takes its lock at once: a lock taken half-way cannot wait and fails.
    begin = connection.get_execution_options().get("begin")
    if begin:
        _begin_in_a_gap(connection.connection.dbapi_connection, begin)
    elif begin is None:
        connection.exec_driver_sql("BEGIN")


def _begin_in_a_gap(line: Any, begin: str) -> None:
    # SQLite's own waiting looks ten times a second, and so misses a busy worker's short gaps for seconds.
    until = monotonic() + LOCKED_SECONDS
    line.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                line.execute(begin)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise OperationalError(begin, None, error) from None
            sleep(LOOK_SECONDS)
    finally:
        line.execute(f"PRAGMA busy_timeout={1000 * LOCKED_SECONDS}")
