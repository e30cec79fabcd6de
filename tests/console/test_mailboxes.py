"""Lost mailboxes: two people, evidence that no thief has, 72 hours, letters that stop it, and nothing else changes."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.database import Database
from portal.identity.customers import Customer
from portal.identity.visits import Visit
from portal.members.roles import Role
from tests.console.mailbox_bench import NEW, OFFICERS, OLD, SEEN, Matter, heard
from tests.letters import Letter
from tests.members.bench import ORIGIN
from tests.requirements import requirement
from tests.servers.app import MakePortal, Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor, token_on

STOP = re.compile(r"/help/stop(?:\?lang=\w+)?#([0-9a-z]{20})\.([0-9a-z]{50})")


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application, with a console, officers, and a second look at each change."""
    return make_portal(console_origin=ORIGIN, officers=",".join(OFFICERS), second_reviews=1)


def rows(database: Database) -> dict[str, dict[str, Any]]:
    """Every account, column by column."""
    with database.read() as session:
        found = session.execute(select(Customer.__table__)).mappings().all()
    return {str(row["id"]): dict(row) for row in found}


def links_in(letters: list[Letter]) -> list[tuple[str, str]]:
    return [found.groups() for letter in letters if (found := STOP.search(letter.plain))]  # type: ignore[misc]


def stop(visitor: Visitor, link: tuple[str, str]) -> Answer:
    return visitor.post("/help/stop", {"public_id": link[0], "token": link[1]})


@requirement("STF-09")
def test_after_two_people_and_72_hours_the_address_changes_and_nothing_else(
    matter: Matter, newcomer: Newcomer, database: Database, clock: StillClock
) -> None:
    before = rows(database)
    matter.cool()
    clock.move(hours=71, minutes=59)
    emre = newcomer("10.2.2.2")
    emre.arrive(OLD)
    clock.move(seconds=59)
    matter.office.work()
    assert rows(database) == before
    clock.move(seconds=1)
    matter.office.work()
    assert matter.change.state == "APPLIED"
    after = rows(database)
    [moved] = [row for row in after if after[row] != before[row]]
    differs = {name for name in after[moved] if after[moved][name] != before[moved][name]}
    assert differs == {"email_index", "email_sealed", "epoch"}
    with database.read() as session:
        assert session.scalars(select(Visit.id).where(Visit.ended_at.is_(None))).all() == []
    assert emre.get("/status").status == 303
    assert newcomer("10.3.3.3").arrive(NEW).status == 200


@requirement("STF-07")
def test_what_was_in_the_stolen_data_is_no_evidence(matter: Matter) -> None:
    matter.begin()
    page = matter.agent.get(matter.place).text
    assert "They know the number of an order" in page
    assert "last digits of their card" not in page
    for evidence in (["order_number", "card_digits"], ["order_number"], [], [*SEEN, "home_address"]):
        assert matter.propose(evidence=evidence).status in (400, 409)
    assert matter.change.state == "CLAIMED"


@requirement("STF-05")
@requirement("STF-09")
def test_only_who_was_drawn_decides_until_a_day_is_over(matter: Matter, clock: StillClock) -> None:
    matter.begin()
    matter.propose()
    other = matter.others[0]
    assert matter.approve(other).status == 409
    clock.move(hours=23, minutes=59)
    other.sign_in()
    assert matter.approve(other).status == 409
    clock.move(minutes=1)
    assert matter.approve(other).status == 303
    matter.office.work()
    assert other.person
    assert (matter.change.state, matter.change.approved_by) == ("COOLING", other.person.actor)


def test_who_was_drawn_and_is_shut_out_is_waited_for_no_longer(matter: Matter) -> None:
    matter.begin()
    matter.propose()
    admin, drawn = matter.office.seat("admin", Role.ADMIN), matter.drawn
    assert drawn.person
    admin.do(f"/staff/members/{drawn.person.id}/closure", fresh=True)
    assert matter.approve(matter.others[0]).status == 303


@requirement("STF-09")
def test_the_letter_to_the_old_address_stops_it_once_and_every_refusal_is_one_page(
    matter: Matter, newcomer: Newcomer, clock: StillClock, database: Database
) -> None:
    matter.cool()
    stranger = newcomer("10.2.2.2")
    [link] = links_in(stranger.mailbag(OLD))
    assert links_in(stranger.mailbag(NEW)) == []
    assert stranger.get("/help/stop").status == 200
    wrong = [stop(stranger, one) for one in (("", ""), (link[0], "0" * 50), ("0" * 20, link[1]))]
    assert matter.change.state == "COOLING"
    assert stop(stranger, link).status == 200
    wrong.append(stop(stranger, link))
    assert {(one.status, one.text) for one in wrong} == {(400, wrong[0].text)}
    before = rows(database)
    clock.move(hours=73)
    matter.office.work()
    assert (matter.change.state, rows(database)) == ("CANCELLED", before)


@requirement("STF-09")
def test_a_proven_visit_of_the_old_address_stops_it(matter: Matter, newcomer: Newcomer) -> None:
    matter.cool()
    emre = newcomer("10.2.2.2")
    emre.arrive(OLD)
    assert "about to change" in emre.get("/help/mine").text
    assert emre.act("/help/mine", "/help/mine/stop").status == 200
    assert matter.change.state == "CANCELLED"
    assert "about to change" not in emre.get("/help/mine").text


@requirement("STF-10")
def test_not_to_wait_takes_two_others_and_the_officers_hear_of_it(matter: Matter, database: Database) -> None:
    matter.cool()
    before = rows(database)
    assert matter.agent.do(f"{matter.place}/hurry", fresh=True, reason="urgent").status == 400
    assert matter.agent.do(f"{matter.place}/hurry", fresh=True, reason="money-at-risk").status == 303
    first, second, _ = matter.approvers
    assert matter.approve(first).status == 303
    matter.office.work()
    assert matter.approve(first).status == 409
    assert rows(database) == before
    assert matter.approve(second).status == 303
    matter.office.work()
    matter.office.work()
    assert matter.change.state == "APPLIED"
    for officer in OFFICERS:
        assert "need not wait for 72 hours" in heard(matter, officer)


def test_a_third_person_takes_the_second_look(matter: Matter, clock: StillClock) -> None:
    matter.cool()
    clock.move(hours=72)
    matter.office.work()
    drawn, third = matter.drawn, matter.others[0]
    for colleague in (drawn, third):
        colleague.sign_in()
    assert "Wants a second look" in third.get("/staff/mailboxes").text
    assert drawn.do(f"{matter.place}/review", fresh=True).status == 409
    assert third.do(f"{matter.place}/review", fresh=True).status == 303
    assert "Wants a second look" not in third.get("/staff/mailboxes").text


def test_an_account_has_one_change_at_a_time_and_a_case_one_agent(matter: Matter) -> None:
    matter.begin()
    place = matter.place
    assert matter.begin().status == 409
    colleague = matter.office.seat("hana", Role.AGENT)
    assert colleague.do(f"{place}/cancellation").status == 409
    assert matter.agent.do(f"{place}/cancellation").status == 303
    assert matter.begin().status == 303
    assert token_on(matter.agent.get(matter.place))


def test_a_refused_or_stopped_change_is_not_carried_out(matter: Matter, clock: StillClock) -> None:
    matter.begin()
    matter.propose()
    assert matter.agent.do(f"{matter.place}/cancellation").status == 303
    assert matter.approve(matter.drawn).status == 303
    matter.office.work()
    clock.move(hours=80)
    matter.office.work()
    assert (matter.change.state, matter.told("mailbox:cooling")) == ("CANCELLED", 0)
