"""At once: however many searches of one member come together, no more pass than are allowed."""

from threading import Barrier, Thread

from portal.database import Database
from portal.limits import SEARCHES_PER_MEMBER
from portal.lookups import searches
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.members.bench import Staff
from tests.requirements import requirement
from tests.servers.ground import StillClock

AT_ONCE, LEFT = 8, 2


@requirement("STF-08")
@requirement("ENG-01")
def test_of_many_searches_at_once_only_those_that_are_left_pass(
    database: Database, keys: KeyRing, clock: StillClock
) -> None:
    chen = Staff(database, keys).hire("chen", Role.AGENT, now=clock())
    with database.write() as session:
        for _ in range(SEARCHES_PER_MEMBER[0].amount - LEFT):
            searches.begin(session, chen.id, "address", "customer-asked", now=clock())
    start, refused = Barrier(AT_ONCE), []

    def try_it() -> None:
        start.wait()
        with database.write() as session:
            refused.append(searches.begin(session, chen.id, "address", "customer-asked", now=clock()).refused)

    agents = [Thread(target=try_it) for _ in range(AT_ONCE)]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()
    assert sorted(refused) == [False] * LEFT + [True] * (AT_ONCE - LEFT)
