"""Migrations: how the database grew, one numbered step after another, the same on both engines."""

from enum import Enum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from portal.database import Database

FOLDER = Path(__file__).parent


class Standing(Enum):
    """How a database's tables stand to this version of the portal: in words, and what to do."""

    CURRENT = ("has the tables of this version", "")
    EMPTY = ("has no tables yet", "Run `flask database upgrade`.")
    OLDER = ("has the tables of an older version", "Run `flask database upgrade`.")
    NEWER = ("has the tables of a newer version", "Install that version here too, and run this again with it.")

    GARBLED = (
        "does not keep its text in UTF-8, so not every name and letter fits",
        "Make it anew, empty: `createdb --template=template0 --encoding=UTF8 NAME`.",
    )

    @property
    def fact(self) -> str:
        """What it has."""
        return self.value[0]

    @property
    def advice(self) -> str:
        """What to do, if anything."""
        return self.value[1]


def upgrade(database: Database, step: str = "head") -> None:
    """Bring the database to a step, or to the newest; all of it in one transaction, or nothing."""
    with database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        command.upgrade(_configured(connection), step)


def draft(database: Database, message: str) -> Path:
    """Write the step that leads from this database to the tables as they are declared; returns its file."""
    with database.engine.begin() as connection:
        number = f"{len(list(FOLDER.glob('versions/[0-9]*.py'))) + 1:04}"
        script = command.revision(_configured(connection), message, autogenerate=True, rev_id=number)
    path = getattr(script, "path", None)
    if path is None:
        raise RuntimeError(message)
    return Path(path)


def standing(connection: Connection) -> Standing:
    """How the database's tables stand to this version; a step that we do not know is a newer one's."""
    if connection.dialect.name == "postgresql" and connection.scalar(text("SHOW server_encoding")) != "UTF8":
        return Standing.GARBLED
    step, (ours,) = step_of(connection), newest()
    if step is None:
        return Standing.EMPTY
    if step == ours:
        return Standing.CURRENT
    return Standing.OLDER if step < ours else Standing.NEWER


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest step."""
    return standing(connection) is Standing.CURRENT


def step_of(connection: Connection) -> str | None:
    """The step at which the database stands; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> tuple[str, ...]:
    """The newest step's number, as Alembic gives it: a tuple of one."""
    return tuple(ScriptDirectory(str(FOLDER)).get_heads())


def _configured(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
