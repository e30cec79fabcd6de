"""Migrations: forwards from nothing on both engines, to exactly the tables that are declared."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from portal.database import Database
from portal.enrolment.pools import Pool
from portal.migrations import FOLDER, is_current, upgrade
from portal.schema import metadata
from tests.requirements import requirement

STEPS = [step.revision for step in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]


def differences(database: Database) -> list[object]:
    """What the tables lack, or have too much of."""
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


@requirement("ENG-01")
def test_the_migrations_make_the_declared_tables(bare_database: Database) -> None:
    upgrade(bare_database)
    assert differences(bare_database) == []


def test_each_step_can_be_taken_alone(bare_database: Database) -> None:
    for step in STEPS:
        upgrade(bare_database, step)
    with bare_database.engine.connect() as connection:
        assert is_current(connection)


def test_an_upgrade_of_what_is_current_changes_nothing(bare_database: Database) -> None:
    upgrade(bare_database)
    upgrade(bare_database)
    assert differences(bare_database) == []


def test_an_empty_database_is_not_current(bare_database: Database) -> None:
    with bare_database.engine.connect() as connection:
        assert not is_current(connection)


def test_every_constraint_has_a_name(bare_database: Database) -> None:
    upgrade(bare_database)
    seen = inspect(bare_database.engine)
    named = {
        (table, kind, constraint["name"])
        for table in metadata.tables
        for kind in ("check_constraints", "unique_constraints", "foreign_keys")
        for constraint in getattr(seen, f"get_{kind}")(table)
    }
    assert {item for item in named if not item[2]} == set()


def test_pools_from_before_approvals_go_on_giving_codes(bare_database: Database) -> None:
    upgrade(bare_database, "0005")
    with bare_database.write() as session:
        session.execute(
            text(
                "INSERT INTO pool (id, offer, expires, file_digest, codes, loaded_at, loaded_by, alone)"
                " VALUES ('0190c9d0a0a07000800000000000000a', 'monitoring', '2018-12-31', 'x', 1,"
                " '2018-07-02 08:00:00', 'operator', (1 = 1))"
            )
        )
    upgrade(bare_database)
    with bare_database.read() as session:
        [pool] = session.scalars(select(Pool))
    assert pool.opened_at == pool.loaded_at
