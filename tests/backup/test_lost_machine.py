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

AMARA, BO = cast.AMARA.address, cast.BO.address


def lose(machine: Installation, database: Database) -> None:
    """Everything ends at once, and nothing of it is ever seen again."""
    machine.stop()
    shutil.rmtree(machine.instance)
    database.close()
    if database.is_sqlite:
        for path in Path(database.engine.url.database or "").parent.glob("portal.db*"):
            path.unlink()


@requirement("OPS-07")
@requirement("ENG-01")
def test_the_journey_goes_on_after_the_machine_was_lost(
    install: Install, database: Database, empty: Database, keys: KeyRing, relay: Relay, tmp_path: Path
) -> None:
    cast.settle(database, keys)
    first = install(backup_secret=SECRET)
    first.web()
    first.worker()
    amara, bo = (first.visitor(at_relay(relay)) for _ in range(2))
    bo.arrive(BO)
    amara.ask(AMARA)
    letter = amara.letter(AMARA)
    said = first.flask("backup", "create", str(tmp_path / "backups"))
    assert said.returncode == 0, said.stderr
    lose(first, database)

    second = install(backup_secret=SECRET, database_url=url_of(empty))
    for name in ("keys.json", "audit-keys.json"):
        (second.instance / name).unlink()
    (made,) = (tmp_path / "backups").iterdir()
    said = second.flask("backup", "restore", str(made), "--for-real")
    assert said.returncode == 0, said.stderr
    assert second.flask("keys", "check").returncode == 0
    second.web()
    second.worker()
    for visitor in (amara, bo):
        assert isinstance(visitor.browser, OverTheWire)
        visitor.browser.origin = second.origin
    assert bo.get("/status").status == 200
    assert amara.follow(letter).location == "/status"
    assert amara.get("/status").status == 200
    fresh = second.visitor(at_relay(relay))
    assert fresh.arrive(cast.EMRE.address).status == 200
    assert second.flask("audit", "verify").returncode == 0
    with empty.read() as session:
        assert session.scalar(text("SELECT count(*) FROM customer")) == 4
