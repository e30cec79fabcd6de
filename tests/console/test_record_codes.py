"""Replacing a code: an agent proposes, an approver agrees, and the person has one good code, as before."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from portal.audit.events import Event
from portal.database import Database
from portal.enrolment import pools
from portal.enrolment.codes import Code
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import EMRE, settle
from tests.console.bench import Colleague, Office
from tests.console.records import looks_of, sheet_of, trail_of
from tests.console.test_inbox import approve
from tests.enrolment.bench import code_on, given, reveal, some_codes, stock_up
from tests.requirements import requirement
from tests.reset.bench import NEW, give_passwords, set_password
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor


@pytest.fixture
def chen(office: Office, database: Database, keys: KeyRing) -> Colleague:
    """An agent, where the cast is known and two codes are there."""
    settle(database, keys)
    give_passwords(database, keys)
    stock_up(database, keys, ["FAIR-000000-QXZ7", "FAIR-000001-KLM8"])
    return office.seat("chen", Role.AGENT)


@pytest.fixture
def emre(visitor: Visitor) -> Visitor:
    """Emre, who has looked at his code."""
    visitor.arrive(EMRE.address)
    set_password(visitor, NEW)
    assert code_on(reveal(visitor)) == "FAIR-000000-QXZ7"
    return visitor


def propose(chen: Colleague, reason: str = "code-refused") -> Answer:
    """Propose that Emre gets another code."""
    sheet = sheet_of(chen, EMRE)
    return chen.do(f"{sheet}/code", page=sheet, reason=reason, note="")


def agree(office: Office) -> None:
    """Let an approver agree, and the worker do it."""
    assert approve(office.seat("dilys", Role.APPROVER), "/staff/approvals/1", fresh=True).status == 303
    office.work()


def states(database: Database) -> list[tuple[str, bool, bool]]:
    """Each code's end, whether somebody has it, and whether it is retired."""
    with database.read() as session:
        codes = session.query(Code).order_by(Code.id)
        return [(code.last_four, code.grant_id is not None, code.retired_at is not None) for code in codes]


@requirement("COD-01")
@requirement("STF-05")
def test_two_people_replace_a_code_and_the_person_sees_the_new_one(
    office: Office, chen: Colleague, emre: Visitor, database: Database
) -> None:
    assert propose(chen).status == 303
    assert code_on(reveal(emre)) == "FAIR-000000-QXZ7"
    agree(office)
    assert states(database) == [("QXZ7", True, True), ("KLM8", True, False)]
    page = reveal(emre)
    assert (code_on(page), "the one that ended in QXZ7" in page.text) == ("FAIR-000001-KLM8", True)
    letter = emre.letter(EMRE.address)
    assert "another monitoring code" in letter.plain
    assert "KLM8" not in letter.plain
    assert "Ends in KLM8" in chen.get(sheet_of(chen, EMRE)).text
    [entry] = trail_of(database, Event.CODE_REPLACED)
    assert (entry.actor, entry.details["reason"]) == ("worker", "code-refused")
    assert "Asked a colleague to agree to another monitoring code" in emre.get("/help/mine").text


def test_a_code_whose_last_day_has_passed_is_extended_by_one_that_lasts(
    office: Office, chen: Colleague, emre: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    stock_up(database, keys, ["FAIR-000002-NPQ9"], expires=date(2019, 12, 31))
    clock.move(days=200)
    propose(office.seat("gita", Role.AGENT), "code-over")
    agree(office)
    emre.arrive(EMRE.address)
    assert code_on(reveal(emre)) == "FAIR-000002-NPQ9"
    assert states(database) == [("QXZ7", True, True), ("KLM8", False, False), ("NPQ9", True, False)]


@requirement("COD-02")
def test_a_retired_code_is_given_to_nobody_and_counted_apart(
    office: Office, chen: Colleague, emre: Visitor, database: Database
) -> None:
    propose(chen)
    agree(office)
    with database.read() as session:
        [stock] = pools.stock(session)
    assert (stock.pool.codes, stock.left, stock.retired) == (2, 0, 1)
    assert len(given(database)) == 2
    told = emre.get("/code/reminder.ics")
    assert told.status == 200


@requirement("STF-05")
def test_none_left_means_that_nothing_changes(
    office: Office, chen: Colleague, emre: Visitor, database: Database
) -> None:
    propose(chen)
    with database.write() as session:
        session.query(Code).where(Code.grant_id.is_(None)).delete()
    agree(office)
    assert states(database) == [("QXZ7", True, False)]
    assert "Void" in office.seat("femke", Role.APPROVER).get("/staff/approvals/1").text
    assert code_on(reveal(emre)) == "FAIR-000000-QXZ7"


@requirement("STF-06")
@requirement("STF-11")
def test_it_needs_a_reason_a_code_and_an_agent(
    office: Office, chen: Colleague, visitor: Visitor, database: Database, work: Callable[[], None]
) -> None:
    assert propose(chen).status == 409
    visitor.arrive(EMRE.address)
    set_password(visitor, NEW)
    reveal(visitor)
    for reason in ("", "whim"):
        assert propose(chen, reason).status == 400
    dilys = office.seat("dilys", Role.APPROVER)
    sheet = sheet_of(dilys, EMRE)
    assert dilys.do(f"{sheet}/code", page=sheet, reason="code-refused").status == 403
    assert [propose(chen).status, propose(chen).status] == [303, 303]
    assert [look.what for look in looks_of(database)].count("code-replacing") == 1
    work()
    assert not any(retired for *_, retired in states(database))
    assert re.search(r"QXZ7|Give somebody another code", dilys.get("/staff/approvals/1").text)
    assert some_codes(1)[0] not in dilys.get("/staff/approvals/1").text


@requirement("STF-11")
def test_who_proposed_it_takes_it_back_for_a_reason_and_nobody_else(
    chen: Colleague, emre: Visitor, gita: Colleague, database: Database
) -> None:
    sheet = sheet_of(chen, EMRE)
    assert chen.do(f"{sheet}/code/withdrawal", page=sheet, reason="mistake").status == 409
    assert propose(chen).status == 303
    page = chen.get(sheet).text
    assert ("chen proposed another code" in page, "Propose another code" in page) == (True, False)
    theirs = sheet_of(gita, EMRE)
    assert "code/withdrawal" not in gita.get(theirs).text
    assert gita.do(f"{theirs}/code/withdrawal", page=theirs, reason="mistake").status == 409
    assert chen.do(f"{sheet}/code/withdrawal", page=sheet, reason="").status == 400
    assert chen.do(f"{sheet}/code/withdrawal", page=sheet, reason="mistake").status == 303
    assert "Propose another code" in chen.get(sheet).text
    [entry] = trail_of(database, Event.PROPOSAL_WITHDRAWN)
    assert (entry.actor, entry.details["reason"]) == (chen.person.actor, "mistake")  # type: ignore[union-attr]
