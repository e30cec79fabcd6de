"""What the tests of approvals share."""

from collections.abc import Callable

import pytest

from portal.database import Database
from tests.approvals.bench import Bench
from tests.servers.ground import StillClock


@pytest.fixture
def bench(database: Database, clock: StillClock) -> Bench:
    """A bench over an empty database."""
    return Bench(database, clock)


@pytest.fixture
def tamper(database: Database) -> Callable[[str], None]:
    """A change by somebody who owns the database, whom no trigger stops."""

    def change(statement: str) -> None:
        line = database.engine.raw_connection()
        try:
            free = (
                "DROP TRIGGER proposal_says_the_same"
                if database.is_sqlite
                else "SET session_replication_role = replica"
            )
            cursor = line.cursor()
            for said in (free, statement):
                cursor.execute(said)
            line.commit()
        finally:
            line.invalidate()

    return change
