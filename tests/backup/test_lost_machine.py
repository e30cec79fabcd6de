"""The machine is lost: folder, keys and database are gone, and from the backup the journey goes on where it was."""

import shutil
from pathlib import Path

from sqlalchemy import text

from portal.database import Database
from portal.sealing import KeyRing
from tests import cast
from tests.backup.conftest import SECRET
from tests.letters import at_relay
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.processes import Install, Installation
from tests.servers.relay import Relay
from tests.visitor import OverTheWire

AMARA = cast.AMARA.address


def lose(machine: Installation, database: Database) -> None:
    """Everything ends at once, and nothing of it is ever seen again."""
    machine.stop()
    shutil.rmtree(machine.instance)
    database.close()
    if database.is_sqlite:
        for path in Path(database.engine.url.database or "").parent.glob("portal.db*"):
            path.unlink()


def rise(machine: Installation, empty: Database, made: Path) -> None:
    """Another machine, with nothing but the program, its settings and a backup."""
    for name in ("keys.json", "audit-keys.json"):
        (machine.instance / name).unlink()
    machine.environment["PORTAL_DATABASE_URL"] = url_of(empty)
    said = machine.flask("backup", "restore", str(made), "--for-real")
    assert said.returncode == 0, said.stderr
    assert machine.flask("keys", "check").returncode == 0
    machine.web()
    machine.worker()


@requirement("OPS-07")
@requirement("ENG-01")
def test_the_journey_goes_on_after_the_machine_was_lost(
    install: Install, database: Database, empty: Database, keys: KeyRing, relay: Relay, tmp_path: Path
) -> None:
    cast.settle(database, keys)
    first = install(backup_secret=SECRET)
    first.web()
    first.worker()
    amara = first.visitor(at_relay(relay))
    amara.arrive(AMARA)
    said = first.flask("backup", "create", str(tmp_path / "backups"))
    assert said.returncode == 0, said.stderr
    lose(first, database)

    second = install(backup_secret=SECRET)
    (made,) = (tmp_path / "backups").iterdir()
    rise(second, empty, made)
    assert isinstance(amara.browser, OverTheWire)
    amara.browser.origin = second.origin
    assert amara.get("/status").location == "/"
    assert second.visitor(at_relay(relay)).arrive(cast.BO.address).status == 200
    assert second.flask("audit", "verify").returncode == 0
    with empty.read() as session:
        assert session.scalar(text("SELECT count(*) FROM customer")) == 4
