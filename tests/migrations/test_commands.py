"""`flask database upgrade` as operators run it: from nothing, twice, and two at once."""

import pytest

from portal.database import Database
from portal.migrations import is_current
from tests.migrations.test_migrations import differences
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.processes import Install, Installation
from tests.servers.waiting import until

DONE = "The database has the tables of this version."


@pytest.fixture
def installation(install: Install, bare_database: Database) -> Installation:
    """An installation whose database has no table yet."""
    made = install()
    made.environment["PORTAL_DATABASE_URL"] = url_of(bare_database)
    return made


@requirement("ENG-01")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_upgrades_at_once_make_each_table_once(installation: Installation, bare_database: Database) -> None:
    upgrades = [installation.start_command("database", "upgrade") for _ in range(2)]
    handles = [upgrade.handle for upgrade in upgrades]
    until(lambda: all(handle.poll() is not None for handle in handles), "both upgrades", seconds=60)
    assert [(handle.poll(), DONE in one.log()) for handle, one in zip(handles, upgrades, strict=True)] == [
        (0, True),
        (0, True),
    ], [one.log() for one in upgrades]
    assert differences(bare_database) == []
    with bare_database.engine.connect() as connection:
        assert is_current(connection)
