"""Alarms: what looks like progress to who looks on, and too many changes, both told to the officers."""

import re

import pytest
from flask import Flask

from portal.limits import DAY, Limit
from portal.members.roles import Role
from tests.console.mailbox_bench import OFFICERS, Matter, heard
from tests.members.bench import ORIGIN
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application, with a console and officers."""
    return make_portal(console_origin=ORIGIN, officers=",".join(OFFICERS))


def test_under_duress_it_looks_the_same_but_nobody_is_asked(matter: Matter, clock: StillClock) -> None:
    matter.begin()
    told = matter.propose("priority")
    parked = matter.agent.get(told.location).text
    matter.office.work()
    assert "asked for help in silence" in heard(matter, OFFICERS[0])
    assert "another email address" not in matter.approvers[0].get("/staff/approvals").text
    twin = Matter(matter.office, matter.agent, matter.approvers, matter.customer)
    twin.begin(old="bo@mail.example", brand="stagelight-uk", new="bo@new.example")
    again = twin.propose()
    assert (told.status, told.location == matter.place) == (again.status, again.location == twin.place)
    normal = twin.agent.get(twin.place).text
    for mine, theirs in ((twin, matter), (matter, matter)):
        normal = normal.replace(mine.place.rpartition("/")[2], "X").replace(mine.number, "N")
        parked = parked.replace(theirs.place.rpartition("/")[2], "X").replace(theirs.number, "N")

    def bare(page: str) -> str:
        return re.sub(r'value="[^"]*"|(bo|emre)@new|[be]…@m…le|Stagelight \w+', "", page)

    assert bare(normal) == bare(parked)
    clock.move(hours=72)
    matter.office.work()
    assert (matter.change.state, twin.change.state) == ("EXPIRED", "EXPIRED")


def test_the_officers_hear_of_many_proposals_once(
    matter: Matter, monkeypatch: pytest.MonkeyPatch, clock: StillClock
) -> None:
    monkeypatch.setattr("portal.cases.claiming.CHANGES_PER_MEMBER", Limit("so many", 1, DAY))
    matter.begin()
    matter.propose()
    assert matter.told("mailbox:alarmed") == 0
    others = (("bo@mail.example", "stagelight-uk"), ("amara@mail.example", "seatswap"))
    for old, brand in others:
        matter.begin(old=old, brand=brand)
        assert matter.propose().status == 303
    matter.office.work()
    assert matter.told("mailbox:alarmed") == 1
    assert heard(matter, OFFICERS[1]).count("more changes of address") == 1


def test_the_officers_hear_of_many_proposals_from_one_network(matter: Matter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cases.claiming.CHANGES_PER_NETWORK", Limit("so many", 1, DAY))
    matter.begin()
    matter.propose()
    matter.agent = matter.office.seat("hana", Role.AGENT)
    matter.begin(old="bo@mail.example", brand="stagelight-uk")
    assert matter.propose().status == 303
    matter.office.work()
    assert matter.told("mailbox:alarmed") == 1
    assert "more changes of address" in heard(matter, OFFICERS[0])


@requirement("OPS-06")
def test_the_network_that_a_change_came_from_is_forgotten_after_a_week(matter: Matter, clock: StillClock) -> None:
    matter.cool()
    clock.move(days=7, seconds=-1)
    matter.office.work()
    assert matter.change.network is not None
    clock.move(seconds=1)
    matter.office.work()
    assert (matter.change.network, matter.change.state) == (None, "APPLIED")
