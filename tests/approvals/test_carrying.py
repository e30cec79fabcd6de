"""Carrying out: what two people agreed on is done once, and only if it is still exactly that."""

from contextlib import suppress
from datetime import datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import OperationalError

from portal.approvals import proposals
from portal.approvals.carrying import Carrying
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal
from tests.approvals.bench import KIND, LETTERS, Bench, Post
from tests.requirements import requirement

pytestmark = requirement("ENG-01")


@pytest.fixture
def post() -> Post:
    """Something to do."""
    return Post()


@pytest.fixture
def worker(bench: Bench, post: Post) -> Carrying:
    """A worker that knows how."""
    return Carrying(bench.database, bench.clock, {KIND.name: post})


def agreed(bench: Bench) -> int:
    """The number of a proposal that two people agreed on."""
    number = bench.propose()
    bench.approve(number)
    return number


def test_it_is_done_once(bench: Bench, worker: Carrying, post: Post) -> None:
    number = agreed(bench)
    bench.clock.move(days=2)  # the worker was away; what was agreed stays agreed
    bench.expire()
    assert [worker.step(), worker.step()] == [True, False]
    assert post.done == [number]
    assert (bench.state(number), bench.get(number).carried_out_at) == ("DONE", bench.clock())
    assert bench.told() == ["proposal:made", "proposal:approved", "proposal:done"]


@requirement("STF-05")
def test_without_a_second_person_nothing_is_done(bench: Bench, worker: Carrying, post: Post) -> None:
    bench.propose()
    refused = bench.propose({**LETTERS, "letters": 1})
    bench.refuse(refused)
    withdrawn = bench.propose({**LETTERS, "letters": 2})
    bench.withdraw(withdrawn)
    assert not worker.step()
    bench.clock.move(days=1)
    bench.expire()
    assert not worker.step()
    assert post.done == []


@pytest.mark.parametrize("there", [None, {}, {**LETTERS, "letters": 401}, {**LETTERS, "more": 1}])
def test_what_changed_since_is_void(bench: Bench, worker: Carrying, post: Post, there: Payload | None) -> None:
    number = agreed(bench)
    post.there = there
    assert [worker.step(), worker.step()] == [True, False]
    assert (post.done, bench.state(number)) == ([], "VOID")
    assert bench.told()[-1] == "proposal:void"


def test_what_is_lost_at_the_last_moment_is_void(bench: Bench, worker: Carrying, post: Post) -> None:
    number = agreed(bench)
    post.lost = True
    assert worker.step()
    assert (bench.state(number), bench.told()[-1]) == ("VOID", "proposal:void")
    assert "proposal:done" not in bench.told()


def test_a_fault_in_the_middle_leaves_it_to_be_done(
    bench: Bench, worker: Carrying, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = agreed(bench)

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(post, "carry_out", fail)
    with pytest.raises(OSError, match="full"):
        worker.step()
    assert bench.state(number) == "APPROVED"
    monkeypatch.undo()
    bench.clock.move(minutes=1)
    assert worker.step()
    assert post.done == [number]


def test_one_that_keeps_failing_holds_up_no_other_and_rests_longer_and_longer(
    bench: Bench, worker: Carrying, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = agreed(bench), bench.propose({**LETTERS, "letters": 1})
    bench.approve(good)
    tried: list[datetime] = []

    def found(payload: Payload) -> Payload:
        if payload == LETTERS:
            tried.append(bench.clock())
            raise KeyError("a file of another version")
        return payload

    monkeypatch.setattr(post, "found", found)
    began = bench.clock()
    for _ in range(300):
        with suppress(KeyError):
            worker.step()
        bench.clock.move(minutes=1)
    assert (post.done, bench.state(bad)) == ([good], "APPROVED")
    minutes = [(one - began).total_seconds() / 60 for one in tried]
    assert minutes == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    monkeypatch.undo()
    bench.clock.move(hours=1)
    assert worker.step()
    assert (post.done, worker.resting) == ([good, bad], {})


def test_while_the_database_is_away_nothing_has_to_rest(
    bench: Bench, worker: Carrying, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = agreed(bench)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(post, "carry_out", away)
    with pytest.raises(OperationalError):
        worker.step()
    monkeypatch.undo()
    assert worker.step()
    assert post.done == [number]


def test_another_kind_is_left_to_who_knows_it(bench: Bench, worker: Carrying) -> None:
    number = agreed(bench)
    worker.acts = {}
    assert not worker.step()
    assert bench.state(number) == "APPROVED"


def test_two_workers_at_once_do_it_once(
    bench: Bench, post: Post, worker: Carrying, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, meet = agreed(bench), Barrier(2, timeout=20)

    def found(payload: Payload) -> Payload:
        meet.wait()
        return payload

    monkeypatch.setattr(post, "found", found)
    workers = [Thread(target=worker.step) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert (post.done, bench.told().count("proposal:done")) == ([number], 1)


def test_a_room_can_call_void_what_it_removed(bench: Bench, worker: Carrying, post: Post) -> None:
    first, second = agreed(bench), bench.propose({**LETTERS, "letters": 1})
    approved_at = bench.get(first).decided_at
    bench.clock.move(minutes=1)
    with bench.database.write() as session:
        assert [one.id for one in proposals.standing(session, KIND.name)] == [first, second]
        assert proposals.void(session, KIND.name, actor="operator:gus", now=bench.clock()) == 2
        assert proposals.standing(session, KIND.name) == []
    held: list[Proposal] = [bench.get(first), bench.get(second)]
    assert [one.state for one in held] == ["VOID", "VOID"]
    assert [one.decided_at for one in held] == [approved_at, bench.clock()]
    assert not worker.step()
    assert post.done == []
