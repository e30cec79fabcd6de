"""The cases room's bench: the cast has moved in."""

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import settle


@pytest.fixture
def cast(database: Database, keys: KeyRing) -> None:
    """Let the customers of the cast have been loaded."""
    settle(database, keys)
