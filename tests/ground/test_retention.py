"""Retention: what is over its time is gone, what is not stays, and a command proves it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, update

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.identity import forgetting
from portal.identity.links import LinkRequest
from portal.identity.visits import ABSOLUTE, Visit
from portal.mail.outbox import Letter
from portal.mail.suppressions import Suppression
from portal.sealing import KeyRing
from tests.cast import settle
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

Work = Callable[[], None]
REQUESTS = "requests for links, with their letters and visits"


@pytest.fixture(autouse=True)
def cast(database: Database, keys: KeyRing) -> None:
    """Let the customers of the cast have been loaded."""
    settle(database, keys)


def apply(portal: Flask) -> Result:
    """What an operator says."""
    return portal.test_cli_runner().invoke(args=["retention", "apply"])


def told(said: Result) -> dict[str, int]:
    """How many of each were forgotten, as the command says."""
    lines = [line.strip().partition("  ") for line in said.stdout.splitlines() if line.startswith(" ")]
    return {what: int(count.replace(",", "")) for count, _, what in lines if count != "0"}


def left(database: Database) -> dict[str, int]:
    """How many rows each of the tables that are forgotten has."""
    names = [table.__tablename__ for table in (LinkRequest, Visit, Letter, Suppression)]
    rows = [name for name, _ in everything(database)]
    return {name: rows.count(name) for name in names if name in rows}


@requirement("OPS-06")
def test_a_day_after_its_answer_nothing_is_left_of_a_request(
    portal: Flask, visitor: Visitor, another_visitor: Visitor, work: Work, database: Database, clock: StillClock
) -> None:
    visitor.arrive("amara@mail.example")
    another_visitor.ask("fatou@mail.example")
    work()
    clock.move(hours=24, seconds=-1)
    assert told(apply(portal)) == {}
    assert left(database) == {"link_request": 2, "visit": 1, "letter": 2}
    clock.move(seconds=1)
    said = apply(portal)
    assert (said.exit_code, told(said)) == (0, {REQUESTS: 2})
    assert said.stdout.splitlines()[-1] == "2 were forgotten; nothing is left that is over its time."
    assert left(database) == {}
    with database.read() as session:
        assert session.scalar(select(AuditEvent.details).where(AuditEvent.kind == "retention:applied").offset(1)) == {
            "forgotten": 2, "left": 0,
        }  # fmt: skip


@requirement("OPS-06")
def test_the_worker_forgets_by_itself_and_the_limits_still_count_what_they_must(
    visitor: Visitor, another_visitor: Visitor, work: Work, database: Database, clock: StillClock
) -> None:
    visitor.ask("fatou@mail.example")
    work()
    clock.move(hours=24, seconds=-1)
    another_visitor.ask("fatou@mail.example")
    work()
    assert left(database) == {"link_request": 2, "letter": 1}
    clock.move(seconds=1)
    work()
    assert left(database) == {"link_request": 1}
    another_visitor.ask("fatou@mail.example")
    work()
    assert left(database) == {"link_request": 2, "letter": 1}


@requirement("OPS-06")
def test_a_visit_that_is_alive_is_not_ended_by_it(
    portal: Flask, visitor: Visitor, database: Database, clock: StillClock
) -> None:
    """As when a letter lay in the queue for almost a day."""
    visitor.arrive("amara@mail.example")
    with database.write() as session:
        session.execute(update(LinkRequest).values(answered_at=clock() - timedelta(hours=24)))
    assert told(apply(portal)) == {}
    assert visitor.get("/status").status == 200
    clock.moment += ABSOLUTE
    assert told(apply(portal)) == {REQUESTS: 1}


@requirement("OPS-06")
def test_nobody_need_have_answered_it(portal: Flask, visitor: Visitor, database: Database, clock: StillClock) -> None:
    visitor.ask("amara@mail.example")
    clock.move(hours=24, seconds=-1)
    assert told(apply(portal)) == {}
    clock.move(seconds=1)
    assert told(apply(portal)) == {REQUESTS: 1}


def test_what_is_left_is_a_fault(
    portal: Flask, visitor: Visitor, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.ask("amara@mail.example")
    clock.move(hours=24)
    monkeypatch.setattr(forgetting, "STEP", 0)
    said = apply(portal)
    assert (said.exit_code, "1 are over their time and still there" in said.stderr) == (1, True)


def test_many_are_forgotten_step_by_step(
    portal: Flask, newcomer: Newcomer, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        newcomer().ask("amara@mail.example")
    monkeypatch.setattr(forgetting, "STEP", 1)
    clock.move(hours=24)
    assert told(apply(portal)) == {REQUESTS: 3}
