"""The reset room's bench: the cast has moved in with their old passwords, and hashes are those of a storm."""

import pytest
from flask import Flask

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import settle
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal
from tests.visitor import Visitor


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application; its hashing is the quicker of the two."""
    return make_portal(hashing="surge")


@pytest.fixture
def cast(database: Database, keys: KeyRing) -> None:
    """Let the customers of the cast have been loaded, and have the old password."""
    settle(database, keys)
    give_passwords(database, keys)


@pytest.fixture
def amara(cast: None, visitor: Visitor) -> Visitor:
    """Amara, who has proved her address and read her answer."""
    visitor.arrive("amara@mail.example")
    return visitor


@pytest.fixture
def emre(cast: None, visitor: Visitor) -> Visitor:
    """Emre, who has one account, and has read his answer."""
    visitor.arrive("emre@mail.example")
    return visitor
