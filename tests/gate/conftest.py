"""The gate's bench: the cast has moved in, the worker has drawn who must reset, and a log-in has a key."""

import pytest
from flask import Flask

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import settle
from tests.gate.bench import Caller, Locksmith, Work
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application; its hashing is the quicker of the two."""
    return make_portal(hashing="surge")


@pytest.fixture
def locksmith(database: Database, keys: KeyRing, clock: StillClock) -> Locksmith:
    """Who makes keys."""
    return Locksmith(database, keys, clock())


@pytest.fixture
def cast(database: Database, keys: KeyRing) -> None:
    """Let the customers of the cast have been loaded, and have the old password."""
    settle(database, keys)
    give_passwords(database, keys)


@pytest.fixture
def login(cast: None, portal: Flask, locksmith: Locksmith, work: Work) -> Caller:
    """A log-in whose key is good for everything, at the brand of amara and bo; the worker has caught up."""
    caller = Caller(portal.test_client(), locksmith.make())
    work()
    return caller
