"""Orders to the store: each account's in order, none lost, patient with a store that is away, and countable."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from portal.database import Database
from portal.journey import consequences
from portal.reset import operations
from portal.reset.operating import A_LINE
from portal.reset.operations import EXPIRE, RELEASE, REVOKE
from portal.reset.stores import STORES
from portal.reset.stores.database import DatabaseStore
from portal.reset.stores.protocol import StoreAway
from portal.sealing import KeyRing
from tests.cast import EMRE, settle
from tests.journey.duties import accounts, rows
from tests.requirements import requirement
from tests.reset.bench import credential, give_passwords
from tests.reset.crowd import gather
from tests.reset.line import BROKEN, SILENT, Line, Script
from tests.servers.app import MakePortal
from tests.servers.ground import MORNING, StillClock

Work = Callable[[], None]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """What the line to the store does next."""
    script = Script()
    monkeypatch.setitem(STORES, "line", lambda *ground: Line(DatabaseStore.of(*ground), script))
    return script


@pytest.fixture
def portal(make_portal: MakePortal, script: Script) -> Flask:
    """An application whose store is at the end of a line, called once at a time so that a script can be followed."""
    return make_portal(hashing="surge", store="line", store_lines=1)


def states(database: Database) -> list[tuple[int, str, str]]:
    """Every order: its epoch, kind and state."""
    return sorted((row["epoch"], row["kind"], row["state"]) for row in rows(database, "store_operation"))


@requirement("RST-04")
def test_orders_to_one_account_are_carried_out_one_after_the_other(
    portal: Flask, work: Work, script: Script, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    settle(database, keys, EMRE)
    give_passwords(database, keys, EMRE)
    script.misbehave("expire", SILENT)
    work()
    with database.write() as session:
        operations.order(session, REVOKE, accounts(database, keys, EMRE)[0].id, now=MORNING)
    work()
    assert states(database) == [(1, EXPIRE, "QUEUED"), (2, REVOKE, "QUEUED")]  # the later one waits for the first
    clock.move(seconds=5)
    work()
    assert states(database) == [(1, EXPIRE, "DONE"), (2, REVOKE, "DONE")]


@requirement("RST-04")
def test_of_orders_that_are_due_together_an_accounts_first_is_taken_alone(database: Database, keys: KeyRing) -> None:
    settle(database, keys, EMRE)
    [emre] = accounts(database, keys, EMRE)
    with database.write() as session:
        operations.order(session, EXPIRE, emre.id, now=MORNING)
        operations.order(session, REVOKE, emre.id, now=MORNING)
        assert [one.kind for one in operations.take(session, most=10, now=MORNING)] == [EXPIRE]


@requirement("RST-04")
def test_orders_that_only_wait_for_others_never_stand_in_front_of_them(
    portal: Flask, work: Work, script: Script, database: Database, keys: KeyRing, clock: StillClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(operations, "WINDOW", 3)
    people = gather(database, keys, 4)
    script.misbehave("expire", *[SILENT] * 8)  # each of them before the later orders come, and once more after that
    work()
    work()
    whom = [accounts(database, keys, one)[0].id for one in people]
    with database.write() as session:
        for one in whom:
            operations.order(session, REVOKE, one, now=MORNING)
    for _ in range(8):
        clock.move(seconds=10)
        work()
    assert [state for *_, state in states(database)] == ["DONE"] * 8


@requirement("RST-04")
@pytest.mark.parametrize("fault", [SILENT, BROKEN])
def test_an_order_that_fails_is_kept_and_stops_no_other(
    portal: Flask, work: Work, script: Script, database: Database, keys: KeyRing, clock: StillClock, fault: str
) -> None:
    people = gather(database, keys, 4)
    script.misbehave("expire", fault, fault)
    work()
    assert [state for _, _, state in states(database)].count("DONE") == 2
    clock.move(seconds=10)
    work()
    assert {state for _, _, state in states(database)} == {"DONE"}
    assert all(credential(database, keys, one).must_reset for one in people)


@requirement("ENG-03")
def test_orders_of_a_worker_that_died_are_carried_out_when_its_lease_ends(
    portal: Flask, work: Work, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    people = gather(database, keys, 3)
    with database.write() as session:
        consequences.draw(session, now=clock())
    with database.write() as session:
        assert len(operations.take(session, most=10, now=clock())) == 3
    work()
    assert {state for _, _, state in states(database)} == {"QUEUED"}
    clock.move(seconds=31)
    work()
    assert {state for _, _, state in states(database)} == {"DONE"}
    assert all(credential(database, keys, one).must_reset for one in people)


def test_a_failed_order_waits_longer_each_time_and_never_just_as_long_as_the_others() -> None:
    pauses = [[operations.pause_after(takes) for _ in range(50)] for takes in (1, 2, 3, 40)]
    assert all(len(set(some)) == 50 for some in pauses)
    assert all(timedelta(seconds=2) <= pause <= timedelta(seconds=4) for pause in pauses[0])
    assert max(pauses[0]) <= timedelta(seconds=4) <= min(pauses[2])
    assert timedelta(minutes=30) <= min(pauses[3]) <= max(pauses[3]) <= timedelta(hours=1)


@requirement("RST-07")
def test_a_store_that_asks_to_be_left_alone_is_left_alone(
    portal: Flask, work: Work, database: Database, keys: KeyRing, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, find = [], DatabaseStore.find

    def away(*_: object) -> None:
        asked.append(clock())
        raise StoreAway(60)

    people = gather(database, keys, A_LINE + 2)
    monkeypatch.setattr(DatabaseStore, "find", away)
    for _ in range(3):
        work()
        clock.move(seconds=19)
    assert asked == [MORNING] * A_LINE  # and none of those behind them
    monkeypatch.setattr(DatabaseStore, "find", find)
    clock.move(seconds=4)
    work()
    assert all(credential(database, keys, one).must_reset for one in people)


def test_what_follows_from_a_revision_takes_as_many_statements_for_many_as_for_few(
    database: Database, keys: KeyRing
) -> None:
    said: list[str] = []
    gather(database, keys, 30)
    event.listen(database.engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement))
    with database.write() as session:
        consequences.draw(session, now=MORNING)
    inserts = len([one for one in said if one.startswith("INSERT INTO")])
    assert (inserts, len(said) <= 12) == (4, True)  # consequence, orders, duties, trail
    assert len(rows(database, "obligation")) == 30


def test_how_far_the_orders_are_is_told(
    portal: Flask, work: Work, database: Database, keys: KeyRing, clock: StillClock, script: Script
) -> None:
    def told() -> str:
        return portal.test_cli_runner().invoke(args=["store", "progress"]).output

    assert told() == "No reset was ordered yet.\n"
    gather(database, keys, 5)
    script.misbehave("expire", SILENT)
    work()
    work_left = "4 of 5 forced resets are carried out: 4 a second, about 1 s left"
    assert told() == f"{work_left}. The worker goes on by itself (flask work).\n"
    clock.move(minutes=2)
    assert "none lately" in told()
    work()
    assert told() == "5 of 5 forced resets are carried out; none is left.\n"


def test_an_order_is_withdrawn_by_one_that_follows_it(
    portal: Flask, work: Work, database: Database, keys: KeyRing
) -> None:
    settle(database, keys, EMRE)
    give_passwords(database, keys, EMRE)
    work()
    [emre] = accounts(database, keys, EMRE)
    with database.write() as session:
        operations.order(session, RELEASE, emre.id, now=MORNING)
        operations.order(session, REVOKE, emre.id, now=MORNING)
    assert [epoch for epoch, *_ in states(database)] == [1, 2, 3]
