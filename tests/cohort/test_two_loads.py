"""Loads in real processes: two at once, and one that is killed in the middle."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection

import pytest
from sqlalchemy import func, select

from portal.cohort import drafts
from portal.cohort.batches import Written
from portal.cohort.drafts import DraftStands
from portal.cohort.exposures import Exposure
from portal.incident.revisions import COMMITTED, Revision
from tests.cohort.bench import Bench, everything, people, row, text
from tests.cohort.loading_process import load
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.nursery import at_work

AMARA = row("amara", "AFFECTED", "name;login_details")


@dataclass
class Load:
    """A load in a process of its own."""

    line: Connection
    process: int

    def go(self) -> None:
        """Let it go on."""
        self.line.send("go")

    def kill(self) -> None:
        """End it, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with suppress(EOFError, ConnectionResetError):
            self.line.recv()


Start = Callable[..., Load]


@pytest.fixture
def start(bench: Bench) -> Iterator[Start]:
    """Starts loads in processes of their own, which wait for a word to begin."""
    started: list[Load] = []
    keys, numbers = bench.folder / "ring.json", count()
    keys.write_text(bench.keys.written())

    def begin(rows: list[dict[str, str]]) -> Load:
        listed = bench.folder / f"list-{next(numbers)}.csv"
        listed.write_text(text(rows), newline="")
        line = at_work(load, url_of(bench.database), str(keys), str(listed))
        started.append(Load(line, line.recv()))
        return started[-1]

    yield begin
    for one in started:
        one.kill()


@requirement("ENG-01")
def test_of_two_loads_at_once_one_is_committed_and_the_other_is_told(bench: Bench, start: Start) -> None:
    loads = [start(people(2_200)), start(people(2_200, "AFFECTED", "name"))]
    for one in loads:
        one.go()
    ended = {one.line.recv(): one for one in loads}
    assert set(ended) == {"DraftStands", "halfway"}
    ended["halfway"].go()
    assert ended["halfway"].line.recv() == "committed"
    with bench.database.read() as session:
        assert session.scalars(select(Revision.state)).all() == [COMMITTED]
        counts = session.execute(select(Exposure.result, func.count()).group_by(Exposure.result)).all()
    assert [count for _, count in counts] == [2_200]


@requirement("ENG-01")
def test_a_killed_load_leaves_every_answer_as_it_was(bench: Bench, start: Start) -> None:
    bench.load(*people(900, "AFFECTED", "name"))
    before = everything(bench.database)
    killed = start([*people(2_200), AMARA])
    killed.go()
    assert killed.line.recv() == "halfway"
    killed.kill()
    assert bench.answer_for("customer0").result == "AFFECTED"
    with pytest.raises(DraftStands):
        bench.load(AMARA)
    assert drafts.discard(bench.database, bench.loader.clock(), "operator") == 2
    after = everything(bench.database)
    for changed in ("audit_event", "audit_seal"):
        before.pop(changed), after.pop(changed)
    assert after == before
    assert bench.load(*people(2_200), AMARA) == (2, Written(new=1_301, changed=900))
    assert bench.answer_for("customer0").result == "WITHDRAWN"


@requirement("ENG-03")
def test_a_killed_load_goes_on_with_the_same_list(bench: Bench, start: Start) -> None:
    killed = start([*people(3_200), AMARA])
    killed.go()
    assert killed.line.recv() == "halfway"
    killed.kill()
    with pytest.raises(DraftStands):
        bench.load(*people(3_200))
    assert bench.load(*people(3_200), AMARA) == (1, Written(new=2_701, before=500))
    assert bench.answer_for("amara").result == "AFFECTED"
    with bench.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Exposure)) == 3_201
