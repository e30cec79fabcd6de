"""Thousands of forced resets: a worker that is killed in the middle loses none, and the next one does the rest."""

from datetime import timedelta

import pytest

from portal.database import Database
from portal.reset.operating import AT_ONCE
from portal.reset.operations import LEASE
from portal.sealing import KeyRing
from tests.bench.expiries import done, fill, marked, taken
from tests.journey.duties import owners, rows
from tests.requirements import requirement
from tests.rounds import rounds
from tests.servers.processes import Install
from tests.servers.waiting import until

COUNT = 2_000 * rounds(1)


@requirement("ENG-03")
@requirement("RST-04")
@pytest.mark.timeout(1200 if COUNT > 2_000 else 60)
def test_a_worker_killed_in_the_middle_of_many_loses_none_and_repeats_no_more_than_it_had_in_hand(
    install: Install, database: Database, keys: KeyRing
) -> None:
    fill(database, keys, COUNT)
    site = install(log_level="ERROR")
    first = site.worker()
    until(lambda: done(database) >= COUNT // 4, f"a quarter: {first.log()}", seconds=600)
    first.kill()
    site.move_clock(LEASE + timedelta(seconds=1))
    second = site.worker()
    until(lambda: done(database) == COUNT, f"the rest: {second.log()}", seconds=600)
    assert marked(database) == COUNT
    assert COUNT <= taken(database) <= COUNT + AT_ONCE
    orders = rows(database, "store_operation")
    assert (len(orders), {row["customer_id"] for row in orders}) == (COUNT, set(owners(database)))
