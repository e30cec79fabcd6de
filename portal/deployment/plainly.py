"""Plainly: a command whose database is away, or of another version, says so in a sentence or two and what to do."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

import click
from click.exceptions import Abort, Exit
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, DBAPIError

from portal.config import HalfConfigured, Settings
from portal.database import Database, is_outage
from portal.deployment.storage import file_of, is_missing
from portal.migrations import Standing, standing

# They are for databases without tables, or of another version.
ANY_TABLES = {"database upgrade", "backup restore", "doctor", "dev prepare"}
NO_RIGHTS = "42501"  # PostgreSQL's insufficient_privilege
AWAY = (
    "The database could not be worked with ({}). Is it running and not full, does PORTAL_DATABASE_URL name it, may "
    "this user write there, and does nobody else hold on to it? `flask doctor` looks closer."
)


class OfAnotherVersion(click.ClickException):
    """The database has no tables, or not those of this version; says what to do."""


@dataclass(frozen=True)
class Ways:
    """What commands stand on; `missing` is why the portal could not be furnished, if it could not."""

    settings: Settings
    database: Callable[[], Database]
    missing: HalfConfigured | None


def guard(commands: MutableMapping[str, click.Command], ways: Ways) -> None:
    """Let each command say plainly what hinders it."""
    for name, command in commands.items():
        commands[name] = _guarded(command, ways)


def _guarded(command: click.Command, ways: Ways) -> click.Command:
    def invoke(context: click.Context) -> Any:
        with _plainly(ways.missing), _looked_at(ways, context):
            return command.invoke(context)

    guarded = copy(command)
    guarded.invoke = invoke  # type: ignore[assignment,method-assign]
    return guarded


@contextmanager
def _plainly(missing: HalfConfigured | None) -> Iterator[None]:
    try:
        yield
    except (click.ClickException, Abort, Exit):
        raise
    except Exception as error:
        if _is_the_databases(error):
            raise click.ClickException(AWAY.format(type(error).__name__)) from None
        if missing:
            raise missing from None
        raise


@contextmanager
def _looked_at(ways: Ways, context: click.Context) -> Iterator[None]:
    """Before the command's first connection, see that the database has our tables; many commands need none."""
    seen = False

    def look(*_: object) -> None:
        nonlocal seen
        said = " ".join(name for name in (context.info_name, context.invoked_subcommand) if name)
        if not seen and said not in ANY_TABLES:
            _check(ways.settings)
        seen = True

    database = ways.database()
    # A file must not even be made; with a server, our patience has the first word.
    asked: tuple[Any, str] = (
        (database.engine, "do_connect") if database.is_sqlite else (database.engine.pool, "checkout")
    )
    event.listen(*asked, look)
    try:
        yield
    finally:
        event.remove(*asked, look)


def _is_the_databases(error: Exception) -> bool:
    """Whether the database is away, is none, or has no rights for us; anything else is a fault of ours."""
    refused = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == NO_RIGHTS
    return is_outage(error) or type(error) is DatabaseError or refused


def _check(settings: Settings) -> None:
    if is_missing(settings):  # whoever connects would make it, and own it
        advice = f"Is PORTAL_DATABASE_URL right? {Standing.EMPTY.advice}"
        raise OfAnotherVersion(f"{file_of(settings)} is not there. {advice}")
    database = Database(settings.database)
    try:
        with database.look() as connection:
            stands = standing(connection)
    finally:
        database.close()
    if stands is not Standing.CURRENT:
        raise OfAnotherVersion(f"The database {stands.fact}. {stands.advice}")
