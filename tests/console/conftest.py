"""What the console's tests share: the portal with a console, and its office."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.database import Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import settle
from tests.console.bench import Colleague, Office
from tests.console.mailbox_bench import Matter
from tests.letters import in_memory
from tests.members.bench import ORIGIN
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal, Newcomer
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
def passwords(cast: None, database: Database, keys: KeyRing) -> None:
    """Let them have the old password."""
    give_passwords(database, keys)


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


@pytest.fixture
def chen(office: Office) -> Colleague:
    """An agent."""
    return office.seat("chen", Role.AGENT)


@pytest.fixture
def gita(office: Office) -> Colleague:
    """Another agent."""
    return office.seat("gita", Role.AGENT)


@pytest.fixture
def dilys(office: Office) -> Colleague:
    """An approver, who leads."""
    return office.seat("dilys", Role.APPROVER)


@pytest.fixture
def matter(office: Office, newcomer: Newcomer, database: Database, keys: KeyRing) -> Matter:
    """Emre lost his mailbox; Chen works on it, and three could agree."""
    settle(database, keys)
    approvers = [office.seat(name, Role.APPROVER) for name in ("dilys", "femke", "gus")]
    return Matter(office, office.seat("chen", Role.AGENT), approvers, newcomer("10.1.1.1"))
