"""A disk that is full: a clear answer, nothing half-done, and work that resumes when there is room."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.database import Database
from portal.identity.links import LinkRequest
from portal.sealing import KeyRing
from tests.cast import AMARA, settle
from tests.letters import at_relay
from tests.luck.load import under_load
from tests.luck.wire import ask, get
from tests.requirements import requirement
from tests.servers.processes import Installation, prepare
from tests.servers.relay import Relay
from tests.servers.waiting import until

BLOCK = 4096


@dataclass
class Disk:
    """A small file system; `fill()` leaves no room, `clear()` gives it back."""

    folder: Path

    def fill(self) -> None:
        """Write until nothing more fits."""
        with (self.folder / "filler").open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * BLOCK)
            except OSError:
                return

    def clear(self) -> None:
        """Make room."""
        (self.folder / "filler").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of 24 MB, of which the write-ahead log alone may take four; only root may mount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)], capture_output=True)
    if mounted.returncode and os.environ.get("CI") != "true":
        pytest.skip("only root may mount a file system, and not everywhere")
    assert mounted.returncode == 0, mounted.stderr
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def database(disk: Disk, sqlite_template: Path) -> Iterator[Database]:
    """The database on that disk."""
    shutil.copyfile(sqlite_template, disk.folder / "portal.db")
    database = Database(f"sqlite:///{disk.folder / 'portal.db'}")
    yield database
    database.close()


@pytest.fixture
def installation(tmp_path: Path, database: Database, keys: KeyRing, relay: Relay) -> Iterator[Installation]:
    """A portal with a web process and a worker, whose logs lie elsewhere."""
    url = database.engine.url.render_as_string()
    made = prepare(tmp_path / "site", url, keys, relay, None, trusted_proxies=1)
    made.web(threads=8)
    made.worker()
    yield made
    made.stop()


def unanswered(database: Database) -> int | None:
    """How many requests still wait for the worker."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(LinkRequest.answered_at.is_(None)))


@requirement("ENG-04")
def test_a_full_disk_is_told_and_work_resumes_when_there_is_room(
    disk: Disk, installation: Installation, database: Database, keys: KeyRing, relay: Relay
) -> None:
    settle(database, keys, AMARA)
    with under_load(installation.port) as load:
        load.more("accepted")
        disk.fill()
        load.more("refused")
        assert ask(installation.port, get(installation.port, "/help")).status == 200
        disk.clear()
        load.more("accepted")
    load.is_honest(database, keys)
    until(lambda: unanswered(database) == 0, "the worker answers everybody", seconds=40)
    page = installation.visitor(at_relay(relay)).arrive(AMARA.address)
    assert "affected" in page.text
    whole = "PRAGMA integrity_check"
    with database.read() as session:
        assert session.connection().exec_driver_sql(whole).scalar() == "ok"
