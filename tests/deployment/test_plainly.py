"""Every command where its database or its settings are not as they should be: one sentence or two, and no traceback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import click
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event, text

from portal import create_app
from portal.database import Database
from portal.deployment.finding import Verdict
from portal.deployment.plainly import ANY_TABLES
from portal.deployment.storage import database_findings
from portal.extensions import Ground
from portal.migrations import Standing
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings
from tests.servers.ports import free_port

pytestmark = requirement("ENG-01")
HUSH = "hush-hush"
# What a command is given where it asks for a type; a word for all others.
VALUES = ((click.types.IntParamType, "1"), (click.types.UUIDParameterType, str(UUID(int=1))))
READ = {"cohort show", "members list", "approvals list", "members disable", "gate keys end", "keys check"}
WORK, UPGRADE = "work", "database upgrade"


@dataclass
class Keyboard:
    """Somebody who says every command of an application; `asked` counts what came through to its database."""

    app: Flask
    folder: Path
    asked: int = 0

    def __post_init__(self) -> None:
        self.held: Ground = self.app.extensions["portal"]
        event.listen(self.held.database.engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.asked += 1

    def all(self, besides: str = "") -> dict[str, Result]:
        """What each command said; fails where one shows a traceback."""
        # The doctor tells of all this in its own way; what builders have is guarded with the rest, and slow.
        said = _leaves(self.app.cli, (), besides=("doctor", "dev"))
        named = {" ".join(words): (words, command) for words, command in said}
        once = {WORK: ["--once"]}
        return {
            name: self.say(*words, *self._given(command), *once.get(name, []))
            for name, (words, command) in named.items()
            if name != besides
        }

    def say(self, *words: str) -> Result:
        """Say it."""
        result = self.app.test_cli_runner().invoke(args=words)
        self.held.database.close()
        assert isinstance(result.exception, SystemExit | None), (words, result.exception)
        assert "Traceback" not in result.output
        assert HUSH not in result.output
        return result

    def _given(self, command: click.Command) -> Iterator[str]:
        for one in command.params:
            wanted = one.required or isinstance(one, click.Argument)
            if wanted and isinstance(one, click.Option):
                yield one.opts[0]
            if wanted:
                yield self._value(one.type)

    def _value(self, kind: click.ParamType) -> str:
        if isinstance(kind, click.Choice):
            return str(kind.choices[0])
        if isinstance(kind, click.Path):
            return str(self.folder if kind.exists and not kind.file_okay else self.folder / "list.csv")
        return next((value for kinds, value in VALUES if isinstance(kind, kinds)), "word")


def _leaves(
    group: click.Group, words: tuple[str, ...], besides: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, one in group.commands.items():
        if name in besides:
            continue
        if isinstance(one, click.Group):
            yield from _leaves(one, (*words, name))
        else:
            yield (*words, name), one


@pytest.fixture
def sit(settings: MakeSettings, tmp_path: Path) -> Callable[..., Keyboard]:
    """A maker of keyboards at applications with these settings."""
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")

    def make(**said: object) -> Keyboard:
        with click.Context(click.Command("flask"), info_name="flask"):
            return Keyboard(create_app(settings(**said)), tmp_path)

    return make


@pytest.mark.parametrize(
    ("step", "stands"), [(None, Standing.EMPTY), ("0001", Standing.OLDER), ("9999", Standing.NEWER)]
)
def test_every_command_refuses_tables_of_another_version(
    sit: Callable[..., Keyboard], bare_database: Database, step: str | None, stands: Standing
) -> None:
    if step:
        with bare_database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{step}')"))
    else:
        bare_database.look().close()
    keyboard = sit(database_url=url_of(bare_database))
    found = keyboard.all(besides=UPGRADE)
    refused = {name for name, said in found.items() if f"{stands.fact}. {stands.advice}" in said.output}
    assert refused >= READ | {WORK}
    assert {found[name].exit_code for name in refused} == {1}
    assert keyboard.asked == 0


def test_every_command_says_that_its_database_is_away(sit: Callable[..., Keyboard], settings: MakeSettings) -> None:
    garbled = settings().instance / "garbled.db"
    garbled.write_bytes(b"no database" * 500)
    away = f"postgresql+psycopg://portal:{HUSH}@127.0.0.1:{free_port()}/portal"
    for url in (f"sqlite:///{garbled}", away):
        found = sit(database_url=url).all()
        told = {name for name, said in found.items() if "`flask doctor` looks closer" in said.output}
        assert told >= READ | {UPGRADE}
        assert {found[name].exit_code for name in told} == {1}
        # The worker waits for a database, unless it was told not to.
        assert (found[WORK].exit_code, "could not be done now" in found[WORK].output) == (1, True)


def test_no_command_makes_an_empty_database(sit: Callable[..., Keyboard]) -> None:
    keyboard = sit()
    found = keyboard.all(besides=UPGRADE)
    told = {name for name, said in found.items() if "portal.db is not there" in said.output}
    assert told >= READ | {WORK}
    assert {found[name].exit_code for name in told} == {1}
    assert (keyboard.asked, list(keyboard.held.settings.instance.glob("portal.db*"))) == (0, [])
    assert keyboard.say("database", "upgrade").exit_code == 0
    assert keyboard.say("cohort", "show").output == "Error: There is no revision yet.\n"


def test_a_newer_database_is_not_upgraded(sit: Callable[..., Keyboard], bare_database: Database) -> None:
    keyboard = sit(database_url=url_of(bare_database))
    assert keyboard.say("database", "upgrade").exit_code == 0
    with bare_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    said = keyboard.say("database", "upgrade")
    assert (said.exit_code, f"{Standing.NEWER.fact}. {Standing.NEWER.advice}" in said.output) == (1, True)
    told = next(iter(database_findings(keyboard.held.settings, bare_database, keyboard.held.clock)))
    assert (told.verdict, told.advice) == (Verdict.MEND, Standing.NEWER.advice)


@pytest.mark.parametrize(
    ("lacking", "named"),
    [({"keys_file": Path("none.json")}, "PORTAL_KEYS_FILE"), ({"incident": Path("none.toml")}, "incident file")],
)
def test_every_command_says_what_keeps_the_portal_from_serving(
    sit: Callable[..., Keyboard], lacking: dict[str, Path], named: str
) -> None:
    keyboard = sit(**lacking)
    assert keyboard.say("database", "upgrade").exit_code == 0
    keyboard.all()
    for words in (("store", "check"), ("approvals", "withdraw", "1", "--reason", "mistake")):
        said = keyboard.say(*words)
        assert (said.exit_code, named in said.output) == (1, True)


def test_whoever_is_spared_the_look_exists(sit: Callable[..., Keyboard]) -> None:
    assert {" ".join(words) for words, _ in _leaves(sit().app.cli, ())} >= ANY_TABLES
