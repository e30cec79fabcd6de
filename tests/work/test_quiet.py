"""A worker with nothing to do writes nothing, and one with much to do seals a second's events at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection

from portal import jobs
from portal import work as worker_loop
from portal.audit.trail import AuditEvent, AuditSeal
from portal.database import Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.sealing import KeyRing
from portal.work import Job
from tests import cast
from tests.enrolment.bench import some_codes, stock_up
from tests.requirements import requirement
from tests.visitor import Visitor

pytestmark = requirement("ENG-01")
IN_ITS_OWN_TIME = {"watch"}  # twice a minute


@contextmanager
def writings(database: Database) -> Iterator[list[Connection]]:
    """Every transaction that was begun for writing."""
    begun: list[Connection] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options().get("begin"):
            begun.append(connection)

    event.listen(database.engine, "begin", note)
    yield begun
    event.remove(database.engine, "begin", note)


@pytest.fixture
def tasks(portal: Flask, postbox: MemoryPostbox) -> list[Job]:
    """What a worker has to do."""
    return jobs.jobs(portal.extensions["portal"], portal.extensions["incident"], postbox)


def spend(tasks: list[Job], seconds: int) -> int:
    """Let the worker's loop turn five times a second; returns how often it had something to do."""
    turns = [turn / 5 for turn in range(seconds * 5)]
    return sum(job.run(now) for now in turns for job in tasks if job.name not in IN_ITS_OWN_TIME)


def test_an_idle_worker_writes_nothing(
    visitor: Visitor, tasks: list[Job], work: Callable[[], None], database: Database, keys: KeyRing
) -> None:
    cast.settle(database, keys)
    stock_up(database, keys, some_codes(2))
    visitor.arrive(cast.EMRE.address)
    work()
    with writings(database) as begun:
        assert spend(tasks, 130) == 0
    assert begun == []


def test_whatever_waits_is_seen(visitor: Visitor, tasks: list[Job], database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 0
    visitor.work = lambda: spend(tasks, 5) and None
    visitor.ask(cast.EMRE.address)
    assert visitor.letter(cast.EMRE.address)
    with database.read() as session:
        events, seals = (session.scalar(select(func.count()).select_from(table)) for table in (AuditEvent, AuditSeal))
    assert events == seals > 0


def test_requests_that_came_together_are_answered_before_the_first_letter_goes(
    visitor: Visitor,
    tasks: list[Job],
    database: Database,
    keys: KeyRing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_loop, "MOMENT_SECONDS", 60)  # on a slow machine too
    people = [cast.Person(f"guest{number}", (cast.Account(),)) for number in range(5)]
    cast.settle(database, keys, *people)
    for person in people:
        visitor.ask(person.address)
    answer = next(job for job in tasks if job.name == "answer")
    answer.run(0)
    assert not answer.look()


def test_a_crowd_of_letters_is_sealed_in_few_transactions(
    visitor: Visitor, tasks: list[Job], database: Database, keys: KeyRing
) -> None:
    people = [cast.Person(f"guest{number}", (cast.Account(),)) for number in range(30)]
    cast.settle(database, keys, *people)
    for person in people:
        visitor.ask(person.address)
    seal = next(job for job in tasks if job.name == "seal")
    step, sealings = seal.step, []
    seal.step = lambda: bool(sealings.append(1)) or step()
    for turn in range(100):
        for job in tasks:
            job.run(turn / 50)
    assert 1 <= len(sealings) <= 3
