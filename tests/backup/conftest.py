"""The bench for backups: a portal with a secret for them, an empty database beside it, and PostgreSQL's programs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal.backup import vault
from portal.backup.folder import BEGUN
from portal.database import Database
from portal.sealing import KeyRing
from tests import cast
from tests.servers.app import MakePortal
from tests.servers.databases import made_on, url_of
from tests.servers.postgresql import WHEEL

SECRET = "nine old horses went over the hill"

Say = Callable[..., Result]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing the secret of a test need not be dear; the portal's own processes do it in earnest."""
    monkeypatch.setattr(vault, "COST", 16)


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PATH leads to the pg_dump of the server that the tests run."""
    monkeypatch.setenv("PATH", f"{WHEEL / 'pginstall' / 'bin'}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def empty(database: Database, tmp_path: Path, worker_id: str) -> Iterator[Database]:
    """Another database of the same engine, without any table."""
    named = f"sqlite:///{tmp_path / 'empty.db'}"
    held = Database(named if database.is_sqlite else made_on(url_of(database), f"empty_{worker_id}"))
    yield held
    held.close()


@pytest.fixture
def portal(make_portal: MakePortal, database: Database, keys: KeyRing) -> Flask:
    """The application, with the cast in it."""
    cast.settle(database, keys)
    return make_portal(backup_secret=SECRET)


@pytest.fixture
def say(portal: Flask) -> Say:
    """Say a command of `flask backup`, or of another group."""

    def run(*words: object, group: str = "backup", database: Database | None = None) -> Result:
        held = portal.extensions["portal"]
        before, held.database = held.database, database or held.database
        for name in ("keys", "audit_keys"):
            held.__dict__.pop(name, None)
        try:
            return portal.test_cli_runner().invoke(args=[group, *map(str, words)])
        finally:
            held.database = before

    return run


@pytest.fixture
def made(say: Say, tmp_path: Path) -> Path:
    """A backup of the cast."""
    said = say("create", tmp_path / "backups")
    assert said.exit_code == 0, said.output
    (folder,) = (tmp_path / "backups").iterdir()
    assert not folder.name.endswith(BEGUN)
    return folder
