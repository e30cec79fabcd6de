"""Codes of a portal with members: a pool gives none until two people agree on exactly what it holds."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.enrolment.codes import Code
from portal.enrolment.pools import Pool
from portal.sealing import KeyRing
from tests.approvals.second import Second
from tests.cast import AMARA, settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, number_on, reveal, some_codes
from tests.requirements import requirement
from tests.visitor import Visitor

REASON = ("--reason", "first-codes")


@pytest.fixture
def second(portal: Flask, work: Callable[[], None]) -> Second:
    """A portal with members."""
    return Second(portal, work)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A provider's file with three codes."""
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(("code", *some_codes(3), "")))
    return path


def load(file: Path, *more: str) -> tuple[object, ...]:
    """The words that load it."""
    return "codes", "load", file, "--offer", "monitoring", "--for-real", *more


@requirement("STF-05")
def test_no_code_is_given_until_a_second_person_agrees(
    second: Second, file: Path, visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    settle(database, keys)
    proposal = second.proposed(*load(file, *REASON))
    visitor.arrive(AMARA.address)
    assert number_on(reveal(visitor)) == 1
    second.work()
    assert number_on(visitor.get("/code")) == 1
    stock = second.say("codes", "stock").output
    assert "0 codes can be given now; 1 wait for “monitoring”." in stock
    assert "(not open)" in stock
    second.approve(proposal)
    assert code_on(visitor.act("/code", "/code")) in some_codes(3)
    assert second.get(proposal.id).state == "DONE"
    with database.read() as session:
        [pool] = session.scalars(select(Pool))
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.kind == "codes:opened"))
    assert (pool.alone, event.details["proposal"]) == (False, proposal.id)
    assert "2 codes can be given now; nobody waits." in second.say("codes", "stock").output


@requirement("STF-11")
def test_without_a_reason_nothing_is_loaded(second: Second, file: Path, database: Database) -> None:
    told = second.say(*load(file))
    assert (told.exit_code, "Somebody else must agree: say --reason" in told.output) == (2, True)
    assert second.say(*load(file, *REASON, "--note", "x" * 201)).exit_code == 2
    assert bench.count(database, Pool) == bench.count(database, Code) == 0


def test_what_is_proposed_is_told_without_a_code(second: Second, file: Path) -> None:
    proposal = second.proposed(*load(file, *REASON))
    told = second.say("approvals", "show", proposal.id).output
    for words in ("Give the codes of a new pool", "monitoring", "2018-12-31", proposal.digest):
        assert words in told
    assert "FAIR" not in told + repr(proposal.payload)
    assert "QXZ7" not in told + repr(proposal.payload)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pool SET expires = '2030-01-01'",
        "UPDATE pool SET offer = 'other'",
        "UPDATE code SET last_four = '0000', code_mac = code_sealed WHERE id = (SELECT min(id::text)::uuid FROM code)",
        "DELETE FROM code",
        "UPDATE pool SET opened_at = loaded_at",
    ],
)
def test_what_changed_after_it_was_agreed_on_is_void(
    second: Second, file: Path, database: Database, change: str
) -> None:
    proposal = second.proposed(*load(file, *REASON))
    second.agree(proposal)
    with database.write() as session:
        session.execute(text(change.replace("min(id::text)::uuid", "min(id)") if database.is_sqlite else change))
    second.work()
    assert second.get(proposal.id).state == "VOID"


def test_after_a_no_the_same_file_is_proposed_again(second: Second, file: Path, database: Database) -> None:
    first = second.proposed(*load(file, *REASON))
    assert f"It is proposal {first.id} already" in second.say(*load(file, *REASON)).output
    second.refuse(first)
    again = second.proposed(*load(file, *REASON))
    assert again.digest == first.digest
    assert again.id > first.id
    second.approve(again)
    assert "There is nothing to do, and nothing was changed." in second.say(*load(file, *REASON)).output
    assert bench.count(database, Pool) == 1


def test_a_pool_that_waits_for_nobodys_word_can_be_removed(second: Second, file: Path, database: Database) -> None:
    proposal = second.proposed(*load(file, *REASON))
    assert "nothing was changed" in second.say("codes", "discard").output
    assert second.say("approvals", "withdraw", proposal.id, "--reason", "mistake").exit_code == 0
    assert "3 codes for “monitoring”, loaded 2018-07-02: removed." in second.say("codes", "discard").output
    assert bench.count(database, Pool) == bench.count(database, Code) == 0
    second.approve(second.proposed(*load(file, *REASON)))
    assert "nothing was changed" in second.say("codes", "discard").output
    assert bench.count(database, Code) == 3
