"""Dumps: a whole database in one file as it was at one moment, while others read and write it, and back again."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from portal.database import Database

ALL_AT_ONCE = -1  # a copy in pieces begins anew whenever somebody writes


class DumpFailed(Exception):
    """A dump could not be written, is not whole, or cannot be laid down; says why."""


def save(database: Database, file: Path) -> None:
    """Write the database's present state to a new file; raises DumpFailed."""
    if not database.is_sqlite:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", database=database)
        return
    line = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(file)) as copy:
            _driver(line).backup(copy, pages=ALL_AT_ONCE)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise DumpFailed(f"SQLite: {error}") from None
    finally:
        line.close()


def look_through(file: Path, engine: str) -> None:
    """Read the whole dump; raises DumpFailed where a part of it is not as it should be."""
    if engine == "postgresql":
        _run("pg_restore", f"--file={os.devnull}", str(file))
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            orphans = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise DumpFailed(f"SQLite: {error}") from None
    if said != ["ok"] or orphans:
        raise DumpFailed("SQLite: the dump is damaged")


def is_empty(database: Database) -> bool:
    """Whether there is no table yet, so that nothing can be lost; raises DumpFailed if the database does not answer."""
    try:
        return not inspect(database.engine).get_table_names()
    except DBAPIError as error:
        raise DumpFailed(f"the database does not answer: {type(error).__name__}") from None


def lay_down(database: Database, file: Path) -> None:
    """Fill an empty database with a dump, all of it or nothing; raises DumpFailed."""
    if not database.is_sqlite:
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
        _run("pg_restore", *words, database=database)
        return
    line = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            copy.backup(_driver(line), pages=ALL_AT_ONCE)
    except sqlite3.Error as error:
        raise DumpFailed(f"SQLite: {error}") from None
    finally:
        line.close()
        database.close()


def _driver(line: object) -> sqlite3.Connection:
    held: sqlite3.Connection = line.driver_connection  # type: ignore[attr-defined]
    return held


def _run(program: str, *words: str, database: Database | None = None) -> None:
    found = shutil.which(program)
    if found is None:
        raise DumpFailed(f"{program} is not installed; on Debian: apt install postgresql-client")
    told = _place(database) if database else {}
    place = ["--dbname", " ".join(f"{name}={_quoted(value)}" for name, value in told.items() if name != "password")]
    # The password goes by the environment: everybody on this machine can read a program's words.
    environment = os.environ | ({"PGPASSWORD": str(told["password"])} if "password" in told else {})
    command = [found, *(place if database else []), *words]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise DumpFailed(f"{program}: {done.stderr.decode(errors='replace').strip()}")


def _place(database: Database) -> dict[str, object]:
    """What the driver itself would connect with."""
    _, said = database.engine.dialect.create_connect_args(database.engine.url)
    return {name: value for name, value in said.items() if isinstance(value, str | int)}  # the rest is for Python


def _quoted(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
