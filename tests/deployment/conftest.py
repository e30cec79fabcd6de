"""What the tests of the doctor's lines share."""

import pytest

from tests.deployment.place import Place
from tests.servers.ground import MakeSettings, StillClock


@pytest.fixture
def place(settings: MakeSettings, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Where the doctor looks, in order until a test changes that."""
    return Place(settings, clock, monkeypatch)
