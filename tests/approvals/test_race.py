"""At once: of any number of words about one proposal, over connections and in processes of their own, one counts."""

from collections import Counter
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest

from portal.approvals.refusals import Gone
from tests.approvals.bench import Bench, actor
from tests.approvals.race import decide
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.nursery import at_work

pytestmark = requirement("ENG-01")
ROUNDS, PEOPLE = 10, 6


@requirement("STF-05")
def test_of_many_words_at_the_same_moment_one_counts(bench: Bench) -> None:
    for round_ in range(ROUNDS):
        number = bench.propose({"letters": round_, "slice": "affected"})
        start, ends = Barrier(PEOPLE + 1), Counter[str]()

        def say(who: int, number: int = number, start: Barrier = start, ends: Counter[str] = ends) -> None:
            start.wait()
            try:
                act = (bench.approve, bench.refuse)[who % 2]
                ends[act(number, actor(f"member:{who}", "approver", fresh=bench.clock())).state] += 1
            except Gone:
                ends["Gone"] += 1

        def withdraw(number: int = number, start: Barrier = start, ends: Counter[str] = ends) -> None:
            start.wait()
            try:
                ends[bench.withdraw(number).state] += 1
            except Gone:
                ends["Gone"] += 1

        people = [Thread(target=say, args=(who,)) for who in range(PEOPLE)] + [Thread(target=withdraw)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert ends["Gone"] == PEOPLE
        assert ends[bench.state(number)] == 1
    words = Counter(kind for kind in bench.told() if kind != "proposal:made")
    assert words.total() == ROUNDS


@requirement("STF-05")
@pytest.mark.parametrize("words", [("approve", "approve"), ("approve", "refuse")])
def test_two_processes_at_the_same_moment_give_one_decision(bench: Bench, words: tuple[str, str]) -> None:
    bench.clock.moment = datetime.now(UTC)
    number = bench.propose()
    shared = (url_of(bench.database), number, bench.get(number).digest)
    lines = [at_work(decide, *shared, f"member:{who}", word) for who, word in enumerate(words)]
    assert [line.recv() for line in lines] == ["ready", "ready"]
    for line in lines:
        line.send("now")
    ends = sorted(line.recv() for line in lines)
    assert ends[0] == "Gone"
    assert ends[1] in words
    assert [kind for kind in bench.told() if kind != "proposal:made"] == [f"proposal:{ends[1].rstrip('e')}ed"]
