"""What the tests of the cohort room share."""

from pathlib import Path

import pytest

from portal.cohort.loading import Loader
from portal.database import Database
from portal.incident import file
from portal.incident.file import Incident
from portal.sealing import KeyRing
from tests.cohort.bench import Bench
from tests.servers.ground import EXAMPLE, StillClock


@pytest.fixture(scope="session")
def incident() -> Incident:
    """The ticket seller's incident."""
    return file.read(EXAMPLE)


@pytest.fixture
def bench(database: Database, keys: KeyRing, incident: Incident, clock: StillClock, tmp_path: Path) -> Bench:
    """A bench over an empty database."""
    return Bench(Loader(database, keys, incident, clock, "operator"), tmp_path)
