"""Changes of address below the pages: applied once whatever dies, and what the database itself refuses."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.audit.trail import AuditEvent
from portal.cases import claiming, cooling
from portal.cases.proofing import COOLS, OLD, AddressChange
from portal.config import ROOT
from portal.database import Database, changed
from portal.enrolment import grants
from portal.identity import addresses
from portal.identity.customers import Customer
from portal.sealing import KeyRing
from tests.cases.bench import CHEN, cases_in, write
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import StillClock
from tests.servers.nursery import forked
from tests.servers.processes import Install
from tests.servers.waiting import until
from tests.visitor import Visitor

DILYS = "member:dilys"


@pytest.fixture
def waiting(visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock, cast: None) -> UUID:
    """A change that two people agreed on."""
    write(visitor)
    with database.write() as session:
        account = session.scalars(select(Customer).where(Customer.brand == "stagelight-international")).one()
        to = addresses.read("emre@new.example")
        change = claiming.start(session, keys, cases_in(database)[0], account, to, by=CHEN, now=clock())
        values = {"state": "COOLING", "approved_by": DILYS, "cooling_until": clock() + COOLS, "evidence": "a,b"}
        values |= {"old_sealed": keys.seal(OLD, change.id, "emre@mail.example"), "proposed_at": clock()}
        changed(session, update(AddressChange).where(AddressChange.id == change.id).values(**values))
        return change.id


def epoch(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(Customer.epoch).where(Customer.brand == "stagelight-international")).one()


@requirement("STF-09")
@pytest.mark.usefixtures("waiting")
def test_a_worker_that_dies_in_the_middle_did_nothing_and_of_many_one_applies_it(
    database: Database, keys: KeyRing, clock: StillClock
) -> None:
    clock.move(hours=72)

    def die() -> None:
        with database.write() as session:
            assert cooling.apply_next(session, keys, grants.follow, 0, lambda: 1, now=clock())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert epoch(database) == 1

    def work(_: int) -> bool:
        with database.write() as session:
            return cooling.apply_next(session, keys, grants.follow, 0, lambda: 1, now=clock())

    with ThreadPoolExecutor(4) as crowd:
        assert sum(crowd.map(work, range(8))) == 1
    assert epoch(database) == 2


@requirement("STF-09", "ENG-03")
def test_a_worker_killed_while_it_applies_a_change_did_nothing_and_the_next_one_does_it_once(
    install: Install, waiting: UUID, database: Database
) -> None:
    with database.write() as session:
        due = datetime.now(UTC) - timedelta(minutes=1)
        changed(session, update(AddressChange).where(AddressChange.id == waiting).values(cooling_until=due))
    ours = install()
    out = ours.instance / "halfway"
    words = [str(ROOT / "tests/cases/apply.py"), url_of(database), str(ours.instance / "keys.json")]
    worker = forked(words, ours.environment, out, out)
    until(lambda: "halfway" in out.read_text(), f"the middle: {out.read_text()}")
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(5)
    assert epoch(database) == 1
    for _ in range(2):
        ours.worker()
    until(lambda: epoch(database) == 2, "the next worker")
    with database.read() as session:
        told = session.scalars(select(AuditEvent.id).where(AuditEvent.kind == "mailbox:applied")).all()
        assert (len(told), session.get_one(AddressChange, waiting).state) == (1, "APPLIED")


@requirement("STF-05")
@pytest.mark.parametrize(
    "said",
    [
        {"approved_by": CHEN},
        {"approved_by": None},
        {"evidence": ""},
        {"reviewed_by": DILYS},
        {"state": "APPLIED"},
        {"assigned_to": CHEN},
        {"code_digest": b"x"},
    ],
)
def test_the_database_itself_refuses_what_cannot_be(waiting: UUID, database: Database, said: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        changed(session, update(AddressChange).where(AddressChange.id == waiting).values(**said))


def test_it_waits_for_72_hours_to_the_second(
    waiting: UUID, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    with database.write() as session:
        early = clock() + COOLS - timedelta(seconds=1)
        assert not cooling.apply_next(session, keys, grants.follow, 1, lambda: 0, now=early)
        assert cooling.apply_next(session, keys, grants.follow, 1, lambda: 0, now=clock() + COOLS)
        assert session.get_one(AddressChange, waiting, populate_existing=True).review_due
