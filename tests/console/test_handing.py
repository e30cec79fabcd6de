"""Handing on: a lead lays cases on desks, cases of one address go together, and disputes are decided first."""

import pytest

from portal.cases.case import CLOSED
from portal.cases.reasons import Reason
from portal.identity import customers
from tests.console.bench import Colleague, Office
from tests.console.cases import act, answer, as_it_is, owned, place, take, written

pytestmark = pytest.mark.usefixtures("cast")
ANSWER = "Please look in your spam folder."


def bo(office: Office) -> customers.Customer:
    index = office.keys.macs(customers.ADDRESS_INDEX, "bo@mail.example").values()
    with office.database.read() as session:
        return customers.at_address(session, index)[0]


def test_a_lead_lays_a_case_on_a_desk_and_agents_do_not(
    office: Office, chen: Colleague, gita: Colleague, dilys: Colleague
) -> None:
    case = written(office)
    take(chen, case)
    assert gita.person
    said = {"to": gita.person.actor, "why": "absent"}
    assert gita.do(f"{place(case)}/assignment", version="2", **said).status == 403
    assert act(dilys, case, "assignment", **said).status == 303
    assert as_it_is(office, case).claimed_by == gita.person.actor
    assert answer(gita, case, ANSWER).status == 303
    stranger = {"to": dilys.person.actor if dilys.person else "", "why": "absent"}
    assert act(dilys, case, "assignment", **stranger).status == 400


def test_cases_of_one_address_go_together_and_no_others(office: Office, chen: Colleague) -> None:
    whose, address = bo(office), "bo@mail.example"
    first = owned(office, whose, address, reason=Reason.FRAUD)
    office.clock.move(minutes=1)
    second, foreign = owned(office, whose, address), written(office)
    take(chen, first)
    for other in (foreign, first):
        assert act(chen, first, "merger", into=other.number).status == 409
    assert act(chen, first, "merger", into=second.number).status == 303
    ended, left = as_it_is(office, first), as_it_is(office, second)
    assert (ended.state, ended.close_reason, ended.merged_into) == (CLOSED, "merged", second.id)
    assert left.due_at == ended.due_at
    assert str(first.id) in chen.get(place(second)).text


def test_a_disputed_answer_is_decided_before_the_case_is_closed(office: Office, chen: Colleague) -> None:
    case = owned(office, bo(office), "bo@mail.example", reason=Reason.RESULT_DISPUTED)
    take(chen, case)
    told = act(chen, case, "closure", why="solved")
    assert (told.status, "Decide first" in told.text) == (409, True)
    assert act(chen, case, "decision", why="STANDS").status == 303
    assert act(chen, case, "closure", why="solved").status == 303


def test_only_a_members_own_brands_are_there(office: Office, chen: Colleague) -> None:
    assert chen.person
    brands = [brand.id for brand in office.app.extensions["incident"].brands]
    case = written(office, brand=brands[1])
    office.narrow(chen.person, brands[0])
    assert chen.get(place(case)).status == 404
    assert chen.do(f"{place(case)}/claim", version="1").status == 404
    assert str(case.id) not in chen.get("/staff/desk").text
