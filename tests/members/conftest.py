"""What the members' tests share."""

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.members.bench import Staff


@pytest.fixture
def staff(database: Database, keys: KeyRing) -> Staff:
    """Nobody yet, and the way to hire."""
    return Staff(database, keys)
