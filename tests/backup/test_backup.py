"""`flask backup`: made while others write, checked to the last byte, and laid down in an empty place alone."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from portal.audit import trail
from portal.audit.events import Event
from portal.audit.trail import AuditEvent
from portal.backup import dumps
from portal.backup.folder import DUMP, MANIFEST, RINGS
from portal.database import Database
from portal.identity import customers
from portal.identity.customers import Customer
from portal.sealing import KeyRing
from tests import cast
from tests.backup.conftest import SECRET, Say
from tests.requirements import requirement
from tests.servers.ground import MORNING
from tests.servers.waiting import until

pytestmark = [requirement("OPS-07"), requirement("ENG-01")]


def addresses(database: Database, keys: KeyRing) -> set[str]:
    with database.read() as session:
        return {customers.stored_address(keys, customer) for customer in session.scalars(select(Customer))}


def spoil(file: Path) -> None:
    """Change one byte in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_backup_is_for_its_owner_alone_and_holds_no_key(made: Path, keys: KeyRing, audit_keys: KeyRing) -> None:
    assert {path.name for path in made.iterdir()} == {DUMP, MANIFEST, RINGS}
    assert {path.stat().st_mode & 0o777 for path in made.iterdir()} == {0o600}
    assert made.stat().st_mode & 0o777 == 0o700
    held = b"".join(path.read_bytes() for path in made.iterdir())
    for ring in (keys, audit_keys):
        assert ring.masters[1] not in held
        assert json.loads(ring.written())["keys"]["1"].encode() not in held
    assert SECRET.encode() not in held
    assert b"@mail.example" not in held


def test_a_whole_backup_is_said_to_be_whole(made: Path, say: Say) -> None:
    said = say("check", made)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("The backup is whole:")


def test_the_trail_knows_of_backups(made: Path, database: Database) -> None:
    with database.read() as session:
        kinds = session.execute(select(AuditEvent.kind, AuditEvent.subject)).all()
    assert [tuple(row) for row in kinds] == [("backup:made", f"backup:{made.name}")]


@pytest.mark.parametrize("name", [DUMP, MANIFEST, RINGS])
@pytest.mark.parametrize("hurt", [spoil, Path.unlink, lambda file: file.write_bytes(file.read_bytes()[:-1])])
def test_a_backup_with_one_wrong_byte_is_not_laid_down(
    made: Path, say: Say, empty: Database, name: str, hurt: Callable[[Path], object]
) -> None:
    hurt(made / name)
    assert say("check", made).exit_code == 1
    said = say("restore", made, "--for-real", database=empty)
    assert said.exit_code == 1, said.output
    assert dumps.is_empty(empty)


def test_a_manifest_written_anew_for_another_dump_does_not_fit(made: Path, say: Say) -> None:
    manifest = json.loads((made / MANIFEST).read_text())
    (made / MANIFEST).write_text(json.dumps(manifest | {"made_at": "2018-07-03T08:00:00+00:00"}))
    said = say("check", made)
    assert said.exit_code == 1
    assert "was changed" in said.output


def test_another_secret_opens_nothing(made: Path, say: Say, portal: Flask) -> None:
    held = portal.extensions["portal"]
    held.settings = held.settings.model_copy(update={"backup_secret": SecretStr("x" * 24)})
    said = say("check", made)
    assert said.exit_code == 1
    assert "PORTAL_BACKUP_SECRET" in said.output


def test_without_a_secret_there_is_no_backup(portal: Flask, say: Say, tmp_path: Path) -> None:
    held = portal.extensions["portal"]
    held.settings = held.settings.model_copy(update={"backup_secret": None})
    said = say("create", tmp_path / "backups")
    assert said.exit_code == 1
    assert "PORTAL_BACKUP_SECRET is missing" in said.output
    assert not (tmp_path / "backups").exists()


def test_a_ring_that_does_not_fit_makes_no_backup(portal: Flask, say: Say, tmp_path: Path) -> None:
    held = portal.extensions["portal"]
    held.settings.within(held.settings.keys_file).write_text(KeyRing.fresh().written())
    said = say("create", tmp_path / "backups")
    assert said.exit_code == 1
    assert "There is no backup: Key 1" in said.output
    assert not (tmp_path / "backups").exists()


def test_a_rehearsal_lays_nothing_down(made: Path, say: Say, empty: Database) -> None:
    said = say("restore", made, database=empty)
    assert said.exit_code == 0, said.output
    assert "fits here" in said.output
    assert dumps.is_empty(empty)


def test_what_is_there_is_never_overwritten(made: Path, say: Say, database: Database, keys: KeyRing) -> None:
    before = addresses(database, keys)
    said = say("restore", made, "--for-real")
    assert said.exit_code == 1
    assert "not empty" in said.output
    assert addresses(database, keys) == before


def test_another_ring_in_its_place_is_never_overwritten(made: Path, say: Say, empty: Database, portal: Flask) -> None:
    held = portal.extensions["portal"]
    path = held.settings.within(held.settings.keys_file)
    path.write_text(other := KeyRing.fresh().written())
    said = say("restore", made, "--for-real", database=empty)
    assert said.exit_code == 1
    assert "is another ring" in said.output
    assert path.read_text() == other


def test_all_of_it_comes_back_private_and_usable(
    made: Path, say: Say, empty: Database, portal: Flask, keys: KeyRing
) -> None:
    held = portal.extensions["portal"]
    paths = [held.settings.within(path) for path in (held.settings.keys_file, held.settings.audit_keys_file)]
    before = [path.read_text() for path in paths]
    for path in paths:
        path.unlink()
    said = say("restore", made, "--for-real", database=empty)
    assert said.exit_code == 0, said.output
    assert [path.read_text() for path in paths] == before
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert addresses(empty, keys) == {person.address for person in cast.CUSTOMERS}
    with empty.read() as session:
        assert session.scalars(select(AuditEvent.kind)).all() == ["backup:restored"]
    assert say("restore", made, "--for-real", database=empty).exit_code == 1


def test_it_is_made_while_others_write(say: Say, database: Database, tmp_path: Path) -> None:
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            with database.write() as session:
                trail.record(session, Event.LINK_MINTED, now=MORNING, actor="worker", subject=str(written))
            written += 1

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        until(lambda: written > 5, "some writing")
        said = say("create", tmp_path / "backups")
        soon = written + 5
        until(lambda: written > soon, "more writing")
        stop.set()
        writing.result()
    assert said.exit_code == 0, said.output
