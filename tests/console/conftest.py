"""What the console's tests share: the portal with a console, and its office."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.database import Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.sealing import KeyRing
from tests.cast import settle
from tests.console.bench import Office
from tests.letters import in_memory
from tests.members.bench import ORIGIN
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application, with a console."""
    return make_portal(console_origin=ORIGIN)


@pytest.fixture
def cast(database: Database, keys: KeyRing) -> None:
    """Let the customers of the cast have been loaded."""
    settle(database, keys)


@pytest.fixture
def office(
    portal: Flask,
    database: Database,
    keys: KeyRing,
    clock: StillClock,
    postbox: MemoryPostbox,
    work: Callable[[], None],
) -> Office:
    """Where members are hired and sit down."""
    return Office(portal, database, keys, clock, in_memory(postbox), work)
