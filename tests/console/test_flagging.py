"""Under review: an agent flags an answer, an approver finds that it stands; what a case disputes, the case decides."""

import pytest

from portal.audit.events import Event
from portal.members.roles import Role
from portal.tokens import fresh_id
from tests.cases.bench import write_own
from tests.cast import BO
from tests.console.bench import Colleague, Office
from tests.console.records import act, sheet_of, trail_of
from tests.requirements import requirement
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")

REVIEWED = "We are looking at your account once more."


@requirement("STF-11")
def test_an_agent_flags_and_an_approver_ends_it(office: Office, chen: Colleague, visitor: Visitor) -> None:
    sheet = sheet_of(chen, BO)
    assert act(chen, sheet, "review", reason="").status == 400
    assert act(chen, sheet, "review", reason="fraud-suspected").status == 303
    assert REVIEWED in visitor.arrive(BO.address).text
    assert act(chen, sheet, "standing").status == 403
    dilys = office.seat("dilys", Role.APPROVER)
    sheet = sheet_of(dilys, BO)
    assert "Under review" in dilys.get(sheet).text
    assert act(dilys, sheet, "standing", reason="our-mistake").status == 303
    assert "Under review" not in dilys.get(sheet).text
    assert [entry.details for entry in trail_of(office.database, Event.RESULT_FLAGGED)] == [
        {"reason": "fraud-suspected"}
    ]
    assert "Found that the answer stands" in visitor.get("/help/mine").text


def test_what_a_case_disputes_the_case_decides(office: Office, chen: Colleague, visitor: Visitor) -> None:
    visitor.arrive(BO.address)
    write_own(visitor, reason="result-disputed")
    dilys = office.seat("dilys", Role.APPROVER)
    sheet = sheet_of(dilys, BO)
    assert "Under review" in dilys.get(sheet).text
    assert act(dilys, sheet, "standing", reason="our-mistake", once=str(fresh_id())).status == 409
    assert trail_of(office.database, Event.RESULT_CONFIRMED) == []
    assert "Put the answer under review" not in chen.get(sheet_of(chen, BO)).text
