"""Turns and troubles: whatever a store outside does, nothing is lost or set in the wrong order, and it is said."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.database import Database
from portal.reset.stores import receiver, wire
from portal.reset.stores.protocol import AccountKey, Overtaken, StoreBusy, StoreUncertain
from portal.reset.stores.turns import InTurn
from portal.sealing import KeyRing
from tests.cast import EMRE, settle
from tests.journey.duties import rows
from tests.requirements import requirement
from tests.reset.bench import NEW, OLD, OTHER, form_on, open_ones, said_of, set_password
from tests.reset.systems import BRAND
from tests.reset.test_store_trouble import is_honest
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.servers.trickster import DONE_AND_DROP, DROP, HANG, KEY, Trickster, Trouble
from tests.visitor import Visitor

KEY_OF_EMRE = AccountKey(BRAND, "emre-0")
UNKNOWN, UNTOUCHED = "We do not know whether that worked", "Nothing was changed. Please try again in a minute."


@pytest.fixture
def clock() -> StillClock:
    """The receiver has a clock of its own, so this one is not far from it."""
    return StillClock(datetime.now(UTC))


@pytest.fixture
def portal(make_portal: MakePortal, trickster: Trickster, database: Database, keys: KeyRing) -> Flask:
    """An application whose store is the trickster, where emre has an old password and was affected."""
    trickster.open("emre-0", OLD)
    settle(database, keys, EMRE)
    said = {"store": "webhook", "store_url": trickster.url, "store_secret": KEY, "store_lines": 1}
    return make_portal(hashing="surge", **said)


@pytest.fixture
def emre(portal: Flask, visitor: Visitor) -> Visitor:
    """Emre, who has read his answer."""
    visitor.arrive(EMRE.address)
    return visitor


def store_of(portal: Flask) -> InTurn:
    """As the portal opened it."""
    store = portal.extensions["store"]
    assert isinstance(store, InTurn)
    return store


@requirement("RST-01")
@pytest.mark.parametrize("trouble", [HANG, DROP, DONE_AND_DROP, (500, {})])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_an_answer_nothing_is_called_done_and_the_next_try_waits_its_turn(
    emre: Visitor, trickster: Trickster, database: Database, clock: StillClock, trouble: Trouble
) -> None:
    trickster.misbehave(trouble)
    with pytest.MonkeyPatch.context() as patch:
        # For what never answers alone: a busy machine must be waited for.
        patch.setattr(wire, "ANSWER_SECONDS", 0.3)
        answer = set_password(emre, NEW)
    assert is_honest(answer, UNKNOWN)
    assert open_ones(database) == 1
    # What was not answered may still arrive, so nothing else is told meanwhile.
    assert is_honest(form_on(answer).send(emre, OTHER), "Nothing was changed by this one.")
    clock.move(seconds=16)
    assert form_on(answer).send(emre, OTHER).location == "/next"
    assert (trickster.opens("emre-0", OTHER), open_ones(database)) == (True, 0)


@requirement("RST-01")
@pytest.mark.parametrize(
    ("trouble", "seconds"), [((429, {"Retry-After": "120"}), "120"), ((503, {}), "60"), ((403, {}), "60")]
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_certainly_not_done_is_said_so(
    emre: Visitor, trickster: Trickster, trouble: Trouble, seconds: str
) -> None:
    trickster.misbehave(trouble)
    answer = set_password(emre, NEW)
    assert (answer.status, answer.headers["Retry-After"]) == (503, seconds)
    assert UNTOUCHED in answer.text
    assert form_on(answer).send(emre, NEW).location == "/next"  # at once: no turn is held


@requirement("RST-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_conflict_and_a_refusal_are_told(emre: Visitor, trickster: Trickster, database: Database) -> None:
    trickster.misbehave((409, {}))
    assert set_password(emre, NEW).location == "/next"
    assert open_ones(database) == 1
    trickster.misbehave((422, {}))
    assert said_of(set_password(emre, NEW)).startswith("The system that keeps your password does not take this one.")
    assert said_of(set_password(emre, OLD)).startswith("This is your old password")


@requirement("RST-04")
def test_one_thing_at_a_time_is_told_about_one_account(
    portal: Flask, trickster: Trickster, database: Database, clock: StillClock
) -> None:
    store = store_of(portal)
    trickster.misbehave(DONE_AND_DROP)
    with pytest.raises(StoreUncertain):
        store.set_password(KEY_OF_EMRE, NEW, epoch=1, now=clock())
    for act in (lambda: store.expire(KEY_OF_EMRE, before=clock()), lambda: store.revoke(KEY_OF_EMRE, now=clock())):
        with pytest.raises(StoreBusy):
            act()
    clock.move(seconds=15)
    store.revoke(KEY_OF_EMRE, now=clock())
    [turn] = rows(database, "store_turn")
    assert (turn["orders"], turn["epoch"], turn["taken_until"]) == (2, 1, None)
    store.set_password(KEY_OF_EMRE, OTHER, epoch=1, now=clock())
    with pytest.raises(Overtaken):
        store.set_password(KEY_OF_EMRE, NEW, epoch=1, now=clock())
    assert [one["epoch"] for one in trickster.heard if "epoch" in one] == [1, 2, 3]
    assert trickster.opens("emre-0", OTHER)


@requirement("RST-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_message_that_arrives_late_changes_nothing(portal: Flask, trickster: Trickster, clock: StillClock) -> None:
    store = store_of(portal)
    trickster.misbehave(DROP)
    with pytest.raises(StoreUncertain):
        store.set_password(KEY_OF_EMRE, NEW, epoch=1, now=clock())
    late = trickster.heard[-1]
    clock.move(seconds=15)
    store.set_password(KEY_OF_EMRE, OTHER, epoch=1, now=clock())
    assert receiver._carry_out(late) == (409, {})
    assert trickster.opens("emre-0", OTHER)


@requirement("RST-01")
def test_orders_wait_out_an_outage_and_none_is_lost(
    portal: Flask, work: Callable[[], None], trickster: Trickster, database: Database, clock: StillClock
) -> None:
    trickster.misbehave((500, {}), (429, {"Retry-After": "30"}), DROP)
    for seconds in (5, 40, 40, 40, 40):  # the second look finds the turn still taken
        work()
        clock.move(seconds=seconds)
    assert [row["state"] for row in rows(database, "store_operation")] == ["DONE"]
    assert not trickster.opens("emre-0", OLD)
    assert len([one for one in trickster.heard if one["call"] == "expire"]) == 4
