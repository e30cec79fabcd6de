"""The desk: cases by deadline, a page at a time, as they are looked for; three questions to the database."""

import re

import pytest
from sqlalchemy import event

from portal.cases import queue, views
from portal.cases.reasons import Reason
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.console.cases import answer, listed, take, written
from tests.visitor import Answer


def test_what_is_due_first_stands_first_and_nothing_is_left_out(office: Office, chen: Colleague) -> None:
    some = [written(office, reason=reason) for reason in (*Reason, *Reason, *Reason, *Reason)]
    in_order = [str(case.id) for case in sorted(some, key=lambda case: (case.due_at, case.id))]
    seen, path = [], "/staff/desk"
    while path:
        page = chen.get(path)
        seen += listed(page)
        after = page.text.partition('name="after" value="')[2].partition('"')[0]
        path = f"/staff/desk?turn=ours&after={after}" if after else ""
    assert seen == in_order
    assert len(seen) > queue.PAGE


def test_a_look_finds_what_it_asks_for(office: Office, chen: Colleague) -> None:
    fraud, dutch, other = written(office, reason=Reason.FRAUD), written(office, locale="nl"), written(office)
    take(chen, other)

    def found(**asked: str) -> set[str]:
        return set(listed(chen.get("/staff/desk?" + "&".join(f"{name}={value}" for name, value in asked.items()))))

    assert found(reason="fraud") == {str(fraud.id)}
    assert found(locale="nl") == {str(dutch.id)}
    assert found(only="mine") == {str(other.id)}
    assert found(only="free") == {str(fraud.id), str(dutch.id)}
    assert found(only="late") == set()
    answer(chen, other, "It is done.")
    assert found(turn="theirs") == {str(other.id)}
    office.clock.move(days=30)
    chen.sign_in()
    assert found(only="late") == {str(fraud.id), str(dutch.id)}


@pytest.mark.parametrize("asked", ["reason=whim", "turn=never", "brand=others", "only=x"])
def test_what_cannot_be_looked_for_is_refused_kindly(chen: Colleague, asked: str) -> None:
    assert chen.get(f"/staff/desk?{asked}").status == 400


@pytest.mark.parametrize("after", ["x", "1.x", "99999999999999999999999.00", "%00"])
def test_a_broken_place_begins_at_the_beginning(office: Office, chen: Colleague, after: str) -> None:
    case = written(office)
    assert listed(chen.get(f"/staff/desk?after={after}")) == [str(case.id)]


def keep(who: Colleague, name: str, **asked: str) -> Answer:
    """Keep a look at the desk."""
    return who.do("/staff/desk/views", page="/staff/desk", name=name, **asked)


def test_a_look_is_kept_under_a_name_and_dropped(office: Office, chen: Colleague) -> None:
    fraud, _ = written(office, reason=Reason.FRAUD), written(office)
    told = keep(chen, "<b>Urgent</b>", reason="fraud", turn="ours", brand="", locale="")
    assert (told.status, listed(chen.get(told.location))) == (303, [str(fraud.id)])
    page = chen.get("/staff/desk").text
    assert "&lt;b&gt;Urgent&lt;/b&gt;</a>" in page
    assert "Urgent" not in office.seat("gita", Role.AGENT).get("/staff/desk").text
    [view] = re.findall(r"/staff/desk/views/([0-9a-f-]{36})/removal", page)
    gita = office.seat("gus", Role.AGENT)
    assert gita.get(told.location).status == 404
    assert gita.do(f"/staff/desk/views/{view}/removal").status == 303
    assert chen.get(told.location).status == 200
    assert chen.do(f"/staff/desk/views/{view}/removal").status == 303
    assert "Urgent" not in chen.get("/staff/desk").text


def test_a_name_is_kept_once_and_few_of_them(office: Office, chen: Colleague) -> None:
    for said in ({"name": ""}, {"name": "x" * 41}, {"name": "x", "reason": "whim"}):
        assert keep(chen, **said).status == 400
    assert chen.person
    with office.database.write() as session:
        for number in range(views.MOST):
            views.keep(session, chen.person.id, str(number), "")
    assert keep(chen, "one more").status == 409
    assert keep(chen, "7", only="mine").status == 303
    assert chen.get("/staff/desk").text.count("/removal") == views.MOST


@pytest.mark.parametrize("amount", [0, 40])
def test_the_desk_asks_the_database_three_things(office: Office, chen: Colleague, amount: int) -> None:
    for _ in range(amount):
        written(office)
    keep(chen, "Mine", only="mine")
    asked: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    chen.get("/staff/desk")
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) <= 3, asked
