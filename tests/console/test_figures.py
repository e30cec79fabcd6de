"""The lead's page: what is open and late, and how much agents look up; pictures with a table beside each."""

import re

from sqlalchemy import event

from portal.cases.reasons import Reason
from portal.lookups import searches
from portal.members.roles import Role
from tests.console.bench import Office
from tests.console.cases import written
from tests.requirements import requirement


def test_a_lead_sees_what_is_open_and_late(office: Office) -> None:
    dilys = office.seat("dilys", Role.APPROVER)
    written(office, reason=Reason.FRAUD)
    written(office)
    page = dilys.get("/staff/desk/figures").text
    assert "Fraud" in page
    assert "All together" in page
    office.clock.move(days=4)
    dilys.sign_in()
    row = dilys.get("/staff/desk/figures").text.partition("All together")[2]
    assert re.findall(r">\s*(\d+)\s*</td>", row) == ["2", "0", "0", "2", "2"]
    assert 'class="bars__part--late" x="0" width="1"' in dilys.get("/staff/desk/figures").text


@requirement("STF-08")
def test_a_lead_sees_how_much_an_agent_looks_up(office: Office) -> None:
    chen, dilys = office.seat("chen", Role.AGENT), office.seat("dilys", Role.APPROVER)
    assert "Look-ups within" not in dilys.get("/staff/desk/figures").text
    assert chen.person
    with office.database.write() as session:
        for _ in range(61):
            searches.begin(session, chen.person.id, "address", "customer-asked", now=office.clock())
    text = " ".join(re.sub(r"<[^>]*>", " ", dilys.get("/staff/desk/figures").text).split())
    assert "chen 60 of 60 60 of 200 1 0 0 of 20" in text


def test_a_brand_that_is_not_ones_own_is_not_counted(office: Office) -> None:
    dilys, brands = office.seat("dilys", Role.APPROVER), office.app.extensions["incident"].brands
    written(office, brand=brands[1].id)
    assert dilys.person
    office.narrow(dilys.person, brands[0].id)
    assert "Nothing is open" in dilys.get("/staff/desk/figures").text


def test_the_figures_take_three_questions(office: Office) -> None:
    dilys = office.seat("dilys", Role.APPROVER)
    for reason in Reason:
        written(office, reason=reason)
    asked: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    dilys.get("/staff/desk/figures")
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) <= 3, asked
