"""A change of the keys that is killed in its middle loses nobody, and ends when it is said again."""

import pytest
from sqlalchemy import select

from portal.database import Database
from portal.identity import customers
from portal.identity.customers import Customer
from portal.sealing import KeyRing
from tests import cast
from tests.enrolment.bench import crowd
from tests.letters import at_relay
from tests.requirements import requirement
from tests.servers.processes import Install
from tests.servers.relay import Relay
from tests.servers.waiting import until

pytestmark = [requirement("OPS-07"), requirement("ENG-03")]
PEOPLE = crowd(400)


@pytest.fixture
def keys() -> KeyRing:
    """A second key was added, and everything has started again since."""
    return KeyRing.fresh().with_another()


def numbers(database: Database) -> set[int]:
    with database.read() as session:
        return set(session.scalars(select(Customer.key_id)))


def test_a_killed_rotation_goes_on_while_people_come(
    install: Install, database: Database, keys: KeyRing, relay: Relay
) -> None:
    cast.settle(database, keys, *PEOPLE)
    here = install()
    here.web()
    here.worker()
    rotating = here.start_command("keys", "rotate")
    until(lambda: "Accounts: " in rotating.log(), "the first accounts")
    rotating.kill()
    assert numbers(database) == {1, 2}
    for one in (PEOPLE[0], PEOPLE[-1]):
        assert here.visitor(at_relay(relay)).arrive(one.address).status == 200
    said = here.flask("keys", "rotate")
    assert said.returncode == 0, said.stderr
    assert numbers(database) == {2}
    younger = KeyRing({2: keys.masters[2]}, 2)
    with database.read() as session:
        found = {customers.stored_address(younger, one) for one in session.scalars(select(Customer))}
    assert found == {one.address for one in PEOPLE}
