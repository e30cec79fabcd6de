"""What the tests of the incident room ask for."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal import create_app
from portal.extensions import limiter
from portal.incident.file import Incident, read
from tests.incident.folders import Copy
from tests.servers.app import InspectingClient
from tests.servers.ground import EXAMPLE, MakeSettings, StillClock

MakeClient = Callable[..., FlaskClient]
HERE = "http://localhost"
EVE = datetime(2018, 6, 28, 7, 59, 59, tzinfo=UTC)  # the example opens at nine in London, a second later


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    """A copy of the example incident, to be broken."""
    return Copy(tmp_path)


@pytest.fixture(scope="session")
def example() -> Incident:
    """The example incident."""
    return read(EXAMPLE)


@pytest.fixture
def make_client(settings: MakeSettings, clock: StillClock) -> MakeClient:
    """A maker of browsers before a portal that has no database at all."""

    def make(**said: object) -> FlaskClient:
        app = create_app(settings(**{"origin": HERE, **said}), clock=clock)
        app.test_client_class = InspectingClient
        limiter.reset()
        return app.test_client()

    return make
