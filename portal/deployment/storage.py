"""What is kept: whether the database answers, has our tables and takes writes, and whether the disk has room."""

import pwd
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, make_url, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from portal.clock import Clock
from portal.config import Settings
from portal.database import Database, Moment
from portal.deployment.finding import Finding, look, mend, well
from portal.deployment.users import may
from portal.migrations import Standing, standing
from portal.spelling import THIS_MACHINE

DATABASE, CLOCK, DISK = "database", "clock", "disk"
MOST_APART = timedelta(seconds=2)  # a code of an app, a token of a sign-in and a lease all bear this much
LEAST_BYTES = 2 * 1024**3
LEAST_SHARE = 0.05


def database_findings(settings: Settings, database: Database, clock: Clock) -> Iterator[Finding]:
    """Whether it is there, migrated, writable, private on the way, and of the same time as we."""
    if is_missing(settings):
        yield mend(DATABASE, f"{file_of(settings)} is not there", "Run `flask database upgrade`.")
        return
    try:
        with database.engine.execution_options(begin="BEGIN IMMEDIATE").connect() as connection:
            yield from _seen(connection, clock, is_sqlite=database.is_sqlite)
    except SQLAlchemyError as error:
        yield mend(
            DATABASE,
            f"it does not answer ({type(error).__name__})",
            "Is it running, does PORTAL_DATABASE_URL name it, and may this user write there?",
        )


def file_of(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for a server."""
    url = make_url(settings.database)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def is_missing(settings: Settings) -> bool:
    """Whether there is no file yet; whoever looked into it would make it, and own it."""
    file = file_of(settings)
    return file is not None and not file.exists()


def writer_findings(settings: Settings, web_user: str | None) -> Iterator[Finding]:
    """Whether the web processes may write into the file of an SQLite database."""
    file = file_of(settings)
    if file is None or web_user is None or is_missing(settings):
        return
    try:
        writes = may("-w", file, pwd.getpwnam(web_user))
    except KeyError:
        return
    if writes is False:
        yield mend(DATABASE, f"{web_user} cannot write {file}", f"Let a group of all users own it: `chmod 660 {file}`.")


def disk_finding(settings: Settings) -> Finding:
    """Whether there is room where we write."""
    file = file_of(settings)
    place = file.parent if file else settings.instance
    try:
        total, _, free = shutil.disk_usage(place)
    except OSError as error:
        return mend(DISK, f"{place} cannot be looked at ({type(error).__name__})", "Make the folder.")
    said = f"{free / 1024**3:.1f} GiB are free at {place}"
    if free < LEAST_BYTES or free < LEAST_SHARE * total:
        return mend(DISK, said, "Make room: without it nobody can ask for a letter.")
    return well(DISK, said)


def _seen(connection: Connection, clock: Clock, *, is_sqlite: bool) -> Iterator[Finding]:
    stands = standing(connection)
    said = f"it answers and {stands.fact}"
    yield well(DATABASE, said) if stands is Standing.CURRENT else mend(DATABASE, said, stands.advice)
    if is_sqlite:
        yield well(DATABASE, "it takes writes")
        return
    if connection.scalar(text("SHOW transaction_read_only")) == "on":
        yield mend(DATABASE, "it is a copy that takes no writes", "Name the one that does in PORTAL_DATABASE_URL.")
    else:
        yield well(DATABASE, "it takes writes")
    yield _line_finding(connection)
    yield _apart(connection.scalar(select(func.clock_timestamp(type_=Moment))), clock())


def _line_finding(connection: Connection) -> Finding:
    line: Any = connection.connection.dbapi_connection
    if line.pgconn.ssl_in_use:
        return well(DATABASE, "the line to it is encrypted")
    host = str(line.info.host)
    if host.startswith("/") or host in THIS_MACHINE:
        return well(DATABASE, "the line to it stays within this machine")
    return look(
        DATABASE,
        f"the line to {host} is not encrypted",
        "Add ?sslmode=verify-full to PORTAL_DATABASE_URL, unless nobody else is on that network.",
    )


def _apart(theirs: datetime | None, ours: datetime) -> Finding:
    apart = abs((theirs or ours) - ours)
    said = f"{apart.total_seconds():.1f} seconds lie between this machine's and the database's"
    return well(CLOCK, said) if apart <= MOST_APART else mend(CLOCK, said, "Let both follow the same time servers.")
