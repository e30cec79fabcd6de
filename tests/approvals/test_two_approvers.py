"""Two who agree: where a kind asks for them, three different people must have had their say."""

from collections import Counter
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.approvals.carrying import Carrying
from portal.approvals.kinds import Actor
from portal.approvals.refusals import Gone, ReasonUnknown, SamePerson
from tests.approvals.bench import KIND, Bench, Post, actor
from tests.requirements import requirement

pytestmark = requirement("ENG-01")
URGENT = replace(KIND, approvers=2)


@pytest.fixture
def third(bench: Bench) -> Actor:
    """Another approver than dilys."""
    return actor("member:thea", "approver", fresh=bench.clock())


@requirement("STF-10", "STF-05")
def test_the_first_yes_leaves_it_open_and_the_second_decides(bench: Bench, third: Actor) -> None:
    number, post = bench.propose(kind=URGENT), Post()
    worker = Carrying(bench.database, bench.clock, {URGENT.name: post})
    bench.approve(number, kind=URGENT)
    assert not worker.step()
    held = bench.get(number)
    assert (held.state, held.seconded_by, held.decided_by) == ("OPEN", "member:dilys", None)
    bench.approve(number, third, kind=URGENT)
    held = bench.get(number)
    assert (held.state, held.seconded_by, held.decided_by) == ("APPROVED", "member:dilys", "member:thea")
    assert worker.step()
    assert post.done == [number]
    assert bench.told() == ["proposal:made", "proposal:seconded", "proposal:approved", "proposal:done"]
    assert [event.details["reason"] for event in bench.events()[1:3]] == ["contents-checked"] * 2


@requirement("STF-10", "STF-05")
def test_nobody_agrees_twice_and_the_proposer_not_once(bench: Bench) -> None:
    number = bench.propose(kind=URGENT)
    with pytest.raises(ReasonUnknown):
        bench.approve(number, kind=URGENT, reason="")
    bench.approve(number, kind=URGENT)
    with pytest.raises(SamePerson):
        bench.approve(number, kind=URGENT)
    with pytest.raises(SamePerson):
        bench.approve(number, replace(bench.dilys, name=bench.proposer.name), kind=URGENT)
    assert bench.state(number) == "OPEN"


@requirement("STF-10", "STF-05")
def test_the_third_person_may_still_say_no(bench: Bench, third: Actor) -> None:
    number = bench.propose(kind=URGENT)
    bench.approve(number, kind=URGENT)
    bench.refuse(number, third)
    assert bench.state(number) == "REFUSED"


@requirement("STF-10", "STF-05")
@pytest.mark.parametrize(
    "change",
    [
        "state = 'APPROVED', decided_at = created_at, decided_by = 'member:thea'",
        "seconded_by = proposer",
        "seconded_by = 'x', state = 'APPROVED', decided_at = created_at, decided_by = 'x'",
    ],
)
def test_the_database_itself_refuses_fewer_people(bench: Bench, change: str) -> None:
    bench.propose(kind=URGENT)
    with pytest.raises(IntegrityError, match=r"third_person|seconded"), bench.database.write() as session:
        session.execute(text(f"UPDATE proposal SET {change}"))


@requirement("STF-10", "STF-05")
def test_of_three_at_the_same_moment_two_count(bench: Bench) -> None:
    for round_ in range(8):
        number = bench.propose({"letters": round_, "slice": "affected"}, kind=URGENT)
        start, ends = Barrier(3), Counter[str]()

        def say(who: int, number: int = number, start: Barrier = start, ends: Counter[str] = ends) -> None:
            start.wait()
            try:
                person = actor(f"member:{who}", "approver", fresh=bench.clock())
                ends[bench.approve(number, person, kind=URGENT).state] += 1
            except Gone:
                ends["Gone"] += 1

        people = [Thread(target=say, args=(who,)) for who in range(3)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert ends == {"OPEN": 1, "APPROVED": 1, "Gone": 1}
