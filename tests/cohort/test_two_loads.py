"""Loads in real processes: two at once, and one that is killed in the middle."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlalchemy import func, select

from portal.cohort import drafts
from portal.cohort.batches import Written
from portal.cohort.drafts import DraftStands
from portal.cohort.exposures import Exposure
from portal.config import ROOT
from portal.incident.revisions import COMMITTED, Revision
from tests.cohort import loading_process
from tests.cohort.bench import Bench, everything, people, row, text
from tests.requirements import requirement
from tests.servers.databases import url_of

Start = Callable[..., "subprocess.Popen[str]"]

AMARA = row("amara", "AFFECTED", "name;login_details")


@pytest.fixture
def start(bench: Bench) -> Iterator[Start]:
    """Starts loads in processes of their own, which wait for a line to begin."""
    started: list[subprocess.Popen[str]] = []
    keys, numbers = bench.folder / "ring.json", count()
    keys.write_text(bench.keys.written())

    def begin(rows: list[dict[str, str]], *, pause: bool = False) -> "subprocess.Popen[str]":
        listed = bench.folder / f"list-{next(numbers)}.csv"
        listed.write_text(text(rows), newline="")
        command = [sys.executable, "-m", loading_process.__name__, url_of(bench.database), str(keys), str(listed)]
        pipes = subprocess.PIPE
        process = subprocess.Popen(
            [*command, *(["pause"] if pause else [])], cwd=ROOT, stdin=pipes, stdout=pipes, text=True
        )
        started.append(process)
        assert said(process) == "ready"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    """The next word of a process."""
    assert process.stdout
    return process.stdout.readline().strip()


def go(process: "subprocess.Popen[str]") -> None:
    """Let a waiting process go on."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


@requirement("ENG-01")
def test_of_two_loads_at_once_one_is_committed_and_the_other_is_told(bench: Bench, start: Start) -> None:
    loads = [start(people(1_200), pause=True), start(people(1_200, "AFFECTED", "name"), pause=True)]
    for load in loads:
        go(load)
    ended = {said(load): load for load in loads}
    assert set(ended) == {"DraftStands", "halfway"}
    go(ended["halfway"])
    assert said(ended["halfway"]) == "committed"
    with bench.database.read() as session:
        assert session.scalars(select(Revision.state)).all() == [COMMITTED]
        counts = session.execute(select(Exposure.result, func.count()).group_by(Exposure.result)).all()
    assert [count for _, count in counts] == [1_200]


@requirement("ENG-01")
def test_a_killed_load_leaves_every_answer_as_it_was(bench: Bench, start: Start) -> None:
    bench.load(*people(900, "AFFECTED", "name"))
    before = everything(bench.database)
    killed = start([*people(1_200), AMARA], pause=True)
    go(killed)
    assert said(killed) == "halfway"
    killed.kill()
    killed.wait()
    assert bench.answer_for("customer0").result == "AFFECTED"
    with pytest.raises(DraftStands):
        bench.load(AMARA)
    assert drafts.discard(bench.database, bench.loader.clock(), "operator") == 2
    after = everything(bench.database)
    for changed in ("audit_event", "audit_seal"):
        before.pop(changed), after.pop(changed)
    assert after == before
    assert bench.load(*people(1_200), AMARA) == (2, Written(new=301, changed=900))
    assert bench.answer_for("customer0").result == "WITHDRAWN"
