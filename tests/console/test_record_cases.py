"""A case that an agent opens on the sheet: the customer's own, and nobody's twice."""

import pytest

from portal.audit.events import Event
from portal.cases.case import Case, show_number
from portal.database import Database
from portal.limits import CASES_PER_MAILBOX
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import EMRE, settle
from tests.console.bench import Colleague, Office
from tests.console.records import act, looks_of, sheet_of, trail_of
from tests.requirements import requirement
from tests.visitor import Visitor

SAID = {"about": "code-fails", "text": "The code is refused, says my son."}


@pytest.fixture
def chen(office: Office, database: Database, keys: KeyRing) -> Colleague:
    """An agent, where the cast is known."""
    settle(database, keys)
    return office.seat("chen", Role.AGENT)


def cases(database: Database) -> list[Case]:
    """Every case."""
    with database.read() as session:
        return session.query(Case).all()


@requirement("STF-08")
def test_an_agent_opens_a_case_and_the_customer_reads_who_did(
    chen: Colleague, visitor: Visitor, database: Database
) -> None:
    sheet = sheet_of(chen, EMRE)
    assert act(chen, sheet, "cases", **SAID).location == sheet
    [case] = cases(database)
    assert f"/staff/desk/{case.id}" in chen.get(sheet).text
    assert [event.actor for event in trail_of(database, Event.CASE_OPENED)] == [chen.person.actor]  # type: ignore[union-attr]
    assert "case-opened" in [look.what for look in looks_of(database)]
    visitor.arrive(EMRE.address)
    mine = visitor.get("/help/mine").text
    assert show_number(case.number) in mine
    assert "Opened a case for the customer" in mine


@requirement("STF-11")
def test_a_case_needs_a_subject_of_the_list_and_words_and_the_same_press_is_one(
    chen: Colleague, database: Database
) -> None:
    sheet = sheet_of(chen, EMRE)
    for wrong in ({**SAID, "about": "weather"}, {**SAID, "text": " "}, {**SAID, "text": "x" * 5000}):
        assert act(chen, sheet, "cases", **wrong).status == 400
    assert cases(database) == []
    once = "5b1e0f6c-6a7e-4a3e-9c53-6d1f0d3f1a10"
    assert [act(chen, sheet, "cases", **SAID, once=once).status for _ in range(2)] == [303, 303]
    assert len(cases(database)) == 1


def test_no_agent_buries_a_customers_cases(chen: Colleague, database: Database) -> None:
    sheet = sheet_of(chen, EMRE)
    told = [act(chen, sheet, "cases", **SAID) for _ in range(CASES_PER_MAILBOX.amount + 1)]
    assert [answer.status for answer in told] == [303] * CASES_PER_MAILBOX.amount + [400]
    assert len(cases(database)) == CASES_PER_MAILBOX.amount
    assert "one more buries them" in told[-1].text
