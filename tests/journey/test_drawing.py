"""Drawing: in batches, in order, resumed after a crash; and two workers make one obligation each."""

import threading
import time
from uuid import UUID

import pytest
from sqlalchemy import event, select

from portal.database import Database
from portal.journey import consequences
from portal.reset.obligations import Obligation
from portal.sealing import KeyRing
from tests.cast import BO, settle
from tests.journey.duties import accounts, end_of, owners, revise, rows, told
from tests.requirements import requirement
from tests.reset.crowd import gather
from tests.servers.ground import MORNING
from tests.servers.processes import Install
from tests.servers.waiting import until

CROWD = 1800


def has_begun(database: Database) -> bool:
    """Whether the first batch was drawn."""
    with database.read() as session:
        return session.scalar(select(Obligation.id).limit(1)) is not None


def draw(database: Database) -> bool:
    """One batch, as the worker draws it."""
    with database.write() as session:
        return consequences.draw(session, now=MORNING)


def draw_and_fail(database: Database) -> None:
    """One batch, whose transaction breaks off before its end."""
    with database.write() as session:
        consequences.draw(session, now=MORNING)
        raise InterruptedError


def test_a_batch_at_a_time_and_each_account_once(
    database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consequences, "BATCH", 2)
    people = gather(database, keys, 5)
    seen = []
    while draw(database):
        seen.append((len(owners(database)), end_of(database, 1) is not None))
    assert seen == [(2, False), (4, False), (5, True)]
    assert set(owners(database).values()) == {1}
    assert len(rows(database, "store_operation")) == len(people)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_batch_looks_at_the_whole_revision(database: Database, keys: KeyRing) -> None:
    said: list[tuple[str, object]] = []
    gather(database, keys, 2)
    with database.write() as session:
        session.add(consequences.Consequence(revision=1, up_to=UUID(int=1)))
    event.listen(database.engine, "before_cursor_execute", lambda _c, _u, what, values, *_: said.append((what, values)))
    draw(database)
    with database.engine.connect() as line:
        told = [line.exec_driver_sql(f"EXPLAIN QUERY PLAN {what}", values).all() for what, values in said[:]]
    plans = [row[3] for rows in told for row in rows if "exposure" in row[3] or "B-TREE" in row[3]]
    assert len(plans) == 4
    assert all("from_revision=? AND customer_id>?" in plan for plan in plans), plans


def test_a_batch_that_fails_leaves_nothing_and_is_drawn_again(
    database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consequences, "BATCH", 2)
    gather(database, keys, 3)
    with pytest.raises(InterruptedError):
        draw_and_fail(database)
    assert (rows(database, "obligation"), rows(database, "store_operation")) == ([], [])
    while draw(database):
        pass
    assert (len(owners(database)), set(owners(database).values())) == (3, {1})


def test_a_later_revision_never_overtakes(database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consequences, "BATCH", 1)
    settle(database, keys)
    [bo] = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo)
    other = threading.Thread(target=draw, args=(database,))
    with database.write() as session:
        assert consequences.draw(session, now=MORNING)
        other.start()
        other.join(0.3)
        assert other.is_alive()  # it waits for its turn
    other.join()
    up_to = {row["revision"]: row["up_to"] for row in rows(database, "consequence")}
    assert (up_to[1] is not None, up_to[2]) == (True, None)
    assert len(owners(database)) == 2


@requirement("ENG-03")
def test_workers_that_are_killed_in_the_middle_oblige_each_account_once(
    install: Install, database: Database, keys: KeyRing
) -> None:
    people = gather(database, keys, CROWD)
    site = install(hashing="surge", log_level="ERROR")
    workers = [site.worker(), site.worker()]
    while not has_begun(database):  # looked at so often, because a batch takes some hundredths of a second
        time.sleep(0.002)
    for worker in workers:
        worker.kill()
    assert len(rows(database, "obligation")) < CROWD
    site.worker()
    site.worker()
    until(lambda: end_of(database, 1), "the last obligations", seconds=60)
    assert (len(owners(database)), set(owners(database).values())) == (len(people), {1})
    ordered = [row["customer_id"] for row in rows(database, "store_operation")]
    assert (len(ordered), len(set(ordered))) == (CROWD, CROWD)
    assert len(told(database, "reset:owed")) == 1
