"""The feed: whoever follows its cursors hears of every change, whatever is committed beside and in which order."""

from threading import Thread

import pytest
from sqlalchemy import delete, select, update

from portal.database import Database
from portal.gate import feed
from portal.gate.feed import GateFeed
from portal.reset import obligations
from portal.reset.obligations import Obligation
from portal.sealing import KeyRing
from tests.cast import AMARA, BO
from tests.gate.bench import Caller, Locksmith, Work
from tests.journey.duties import accounts, revise
from tests.servers.ground import StillClock


def refs(page: dict[str, list[dict[str, str]]]) -> list[tuple[str, str]]:
    """Which accounts a page names, and how they stand."""
    return [(one["ref"], one["state"]) for one in page["changes"]]


def test_it_tells_each_change_in_order_and_once(
    login: Caller, database: Database, keys: KeyRing, work: Work, clock: StillClock
) -> None:
    first = login.changes()
    assert (refs(first), first["more"]) == ([("amara-0", "must_reset")], False)
    assert login.changes(first["cursor"]) == {"changes": [], "cursor": first["cursor"], "more": False}
    (amara, _), (bo,) = accounts(database, keys, AMARA), accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo)
    work()
    with database.write() as session:
        obligations.settle(session, amara.id, obligations.BY_CUSTOMER, now=clock.move(minutes=1))
    work()
    second = login.changes(first["cursor"])
    assert refs(second) == [("bo-0", "must_reset"), ("amara-0", "cleared")]
    assert refs(login.changes()) == refs(second)


def test_it_is_read_page_by_page(login: Caller, database: Database, keys: KeyRing, work: Work) -> None:
    (bo,) = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo)
    work()
    first = login.changes(limit=1)
    assert (refs(first), first["more"]) == ([("amara-0", "must_reset")], True)
    second = login.changes(first["cursor"], limit=1)
    assert refs(second) == [("bo-0", "must_reset")]
    assert refs(login.changes(second["cursor"], limit=1)) == []


def test_an_account_with_several_duties_is_told_once_as_it_stands(
    login: Caller, database: Database, keys: KeyRing, work: Work, clock: StillClock
) -> None:
    amara, _ = accounts(database, keys, AMARA)
    with database.write() as session:
        obligations.settle(session, amara.id, obligations.BY_CUSTOMER, now=clock())
    revise(database, 2, "AFFECTED", amara)
    work()
    assert refs(login.changes()) == [("amara-0", "must_reset")]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_committed_late_is_not_passed_by(
    login: Caller, database: Database, keys: KeyRing, clock: StillClock, work: Work
) -> None:
    """Two transactions change duties at once; the one that began first is committed last."""
    (amara, _), (bo,) = accounts(database, keys, AMARA), accounts(database, keys, BO)
    cursor = login.changes()["cursor"]
    with database.write() as slow:
        obligations.settle(slow, amara.id, obligations.BY_CUSTOMER, now=clock())
        slow.flush()
        with database.write() as quick:
            obligations.require(quick, bo.id, 1, now=clock())
        with database.write() as session:
            assert feed.number(session) is False
        page = login.changes(cursor)
        assert refs(page) == [("bo-0", "must_reset")]
    work()
    assert refs(login.changes(page["cursor"])) == [("amara-0", "cleared")]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_gives_places_waits_for_whoever_gives_them(
    login: Caller, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    """While places were given and are not committed, nobody gives later ones that could be read first."""
    (amara, _), (bo,) = accounts(database, keys, AMARA), accounts(database, keys, BO)
    done: list[str] = []
    with database.write() as session:
        obligations.settle(session, amara.id, obligations.BY_CUSTOMER, now=clock())
    second = Thread(target=number_once, args=(database, done))
    with database.write() as first:
        feed.number(first)
        with database.write() as session:
            obligations.require(session, bo.id, 1, now=clock())
        second.start()
        second.join(0.5)
        assert done == []
    second.join(5)
    assert done == ["numbered"]
    assert refs(login.changes()) == [("amara-0", "cleared"), ("bo-0", "must_reset")]


def number_once(database: Database, done: list[str]) -> None:
    """Give places, as another worker would."""
    with database.write() as session:
        feed.number(session)
    done.append("numbered")


def test_a_change_while_places_are_given_gets_another_one(
    login: Caller, database: Database, keys: KeyRing, clock: StillClock, work: Work
) -> None:
    """The newest change loses its place when it changes again; its number must not be given twice."""
    amara, _ = accounts(database, keys, AMARA)
    cursor = login.changes()["cursor"]
    for turn in range(3):
        with database.write() as session:
            if turn % 2:
                obligations.require(session, amara.id, 1, now=clock.move(minutes=1))
            else:
                obligations.settle(session, amara.id, obligations.BY_CUSTOMER, now=clock.move(minutes=1))
        work()
        page = login.changes(cursor)
        assert refs(page) == [("amara-0", "must_reset" if turn % 2 else "cleared")]
        cursor = page["cursor"]


def test_a_cursor_that_is_of_no_use_is_refused(login: Caller, locksmith: Locksmith, database: Database) -> None:
    cursor = login.changes()["cursor"]
    other = Caller(login.client, locksmith.make(name="seatswap", brand="seatswap"))
    for caller, forged in ((login, f"1{cursor}"), (login, "7"), (login, "é"), (other, cursor)):
        answer = caller.get(f"/changes?after={forged}")
        assert (answer.status_code, answer.content_type) == (410, "application/problem+json")
    with database.write() as session:  # as after a backup was put back
        session.execute(update(Obligation).values(place=None))
        session.execute(delete(GateFeed))
    assert login.get(f"/changes?after={cursor}").status_code == 410


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_question_with_a_word_that_nobody_knows_is_refused(login: Caller) -> None:
    """Whoever misspells `after` would read everything from the beginning again and again."""
    for words in ("afther=x", "after=", "limit=0", "limit=1001", "limit=x", "limit=5&=1"):
        answer = login.get(f"/changes?{words}")
        assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


def test_places_are_given_to_any_number_in_batches(
    login: Caller, database: Database, monkeypatch: pytest.MonkeyPatch, work: Work
) -> None:
    monkeypatch.setattr(feed, "BATCH", 1)
    with database.write() as session:
        session.execute(update(Obligation).values(place=None))
    work()
    with database.read() as session:
        places = list(session.scalars(select(Obligation.place).order_by(Obligation.place)))
    assert None not in places
    assert len(set(places)) == len(places) == 3
