"""The worker's loop: a job that fails rests longer each time, is named by its fault's type only, and stops no other."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from flask import Flask

from portal import work
from portal.config import ROOT
from portal.database import Database
from portal.web import requests_log
from portal.work import IDLE_SECONDS, LONGEST_PAUSE_SECONDS, Job
from tests.requirements import requirement


def failing() -> bool:
    raise RuntimeError("amara@mail.example could not be written to")


def rests(job: Job, now: float) -> float:
    assert job.run(now) is False
    return job.rests_until - now


def counting(answers: list[bool]) -> tuple[Callable[[], bool], list[int]]:
    done: list[int] = []

    def step() -> bool:
        done.append(1)
        return answers.pop(0) if answers else False

    return step, done


def test_a_failing_job_rests_longer_each_time_but_never_long() -> None:
    job, now, pauses = Job("failing", failing), 0.0, []
    for _ in range(12):
        pauses.append(rests(job, now))
        now = job.rests_until
    assert pauses[:3] == pytest.approx([2 * IDLE_SECONDS, 4 * IDLE_SECONDS, 8 * IDLE_SECONDS])
    assert pauses[6:] == pytest.approx([LONGEST_PAUSE_SECONDS] * 6)


def test_a_job_may_fail_for_days_and_the_loop_lives() -> None:
    job = Job("failing", failing)
    job.faults = 1_000_000
    assert rests(job, 0.0) == LONGEST_PAUSE_SECONDS


def test_a_job_that_works_again_is_forgiven() -> None:
    answers = [RuntimeError(), RuntimeError(), True, RuntimeError()]

    def step() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    job = Job("now and then", step)
    first = rests(job, 0)
    assert rests(job, 10) > first
    assert job.run(20) is True
    assert rests(job, 30) == pytest.approx(first)


def test_a_resting_job_is_left_alone() -> None:
    step, done = counting([False])
    job = Job("seldom", step, every=5)
    assert [job.run(now) for now in (0, 1, 4.9, 5, 9)] == [False] * 5
    assert len(done) == 2


def test_a_job_with_more_to_do_is_run_again_at_once() -> None:
    step, done = counting([True, True, False])
    job = Job("busy", step, every=60)
    assert [job.run(now) for now in (0, 0, 0, 0)] == [True, True, False, False]
    assert len(done) == 3


def test_a_job_of_moments_goes_on_while_there_is_more_but_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    step, done = counting([True, True, False, True])
    assert (work.for_a_moment(step)(), len(done)) == (False, 3)
    monkeypatch.setattr(work, "MOMENT_SECONDS", 0)
    assert (work.for_a_moment(step)(), len(done)) == (True, 4)


@requirement("OPS-01")
def test_the_log_names_the_fault_by_its_type_only(capfd: pytest.CaptureFixture[str]) -> None:
    requests_log.configure("INFO")
    Job("failing", failing).run(0.0)
    (line,) = capfd.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["job"], told["error"]) == ("job:failed", "failing", "RuntimeError")
    assert "amara" not in line


ALONE = """
from portal import work
done = []
def fail():
    raise RuntimeError
jobs = [work.Job("failing", fail), work.Job("working", lambda: bool(done.append(1)) or len(done) < 5)]
failed = work.run(jobs, once=True)
assert len(done) == 5, done
assert failed == ["failing"], failed
"""


def test_other_jobs_go_on_beside_a_failing_one() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert work.IDLE_SECONDS < 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_asks_once_hears_what_could_not_be_done(
    portal: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)  # the test's own Ctrl-C stays
    assert portal.test_cli_runner().invoke(args=["work", "--once"]).exit_code == 0
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE gate_key")
    said = portal.test_cli_runner().invoke(args=["work", "--once"])
    assert (said.exit_code, "could not be done now: number, cohorts." in said.output) == (1, True)
