"""The people of the staff: an admin invites, gives roles and shuts out, and never him- or herself."""

import pytest

from portal.members import member
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.requirements import requirement
from tests.visitor import Answer

INVITED = "bo@stagelight.example"


@pytest.fixture
def dilys(office: Office) -> Colleague:
    """An admin, fresh from the entrance."""
    return office.seat("dilys", Role.ADMIN)


def invite(colleague: Colleague, *roles: str, **other: str) -> Answer:
    said = {"name": "Bo", "email": INVITED, "locale": "en", **other}
    return colleague.do("/staff/members", roles=list(roles), **said)


def test_an_admin_invites_somebody_who_joins(office: Office, dilys: Colleague) -> None:
    assert invite(dilys, "agent", "auditor").status == 303
    assert "/staff/join" in dilys.letter(INVITED).plain
    with office.database.read() as session:
        bo = member.at_address(session, office.keys, INVITED)
    assert bo
    assert bo.holds == {Role.AGENT, Role.AUDITOR}
    assert "Agent, Auditor" in dilys.get(f"/staff/members/{bo.id}").text


@requirement("STF-04")
def test_nobody_is_invited_as_agent_and_approver(office: Office, dilys: Colleague) -> None:
    told = invite(dilys, "agent", "approver")
    assert told.status == 400
    assert "not both agent and approver" in told.text
    with office.database.read() as session:
        assert len(member.everybody(session)) == 1


@pytest.mark.parametrize(
    "wrong", [{"email": "nowhere"}, {"name": ""}, {"email": "dilys@stagelight.example"}, {"locale": "xx"}]
)
def test_a_slip_is_told_and_what_was_typed_is_kept(dilys: Colleague, wrong: dict[str, str]) -> None:
    told = invite(dilys, "agent", **wrong)
    assert told.status == 400
    assert "There is a problem" in told.text
    assert 'value="Bo"' in told.text or "name" in wrong


@requirement("STF-04")
def test_new_roles_hold_at_once(office: Office, dilys: Colleague) -> None:
    chen = office.seat("chen", Role.AUDITOR)
    assert chen.get("/staff/trail").status == 200
    path = f"/staff/members/{chen.person.id}/roles"  # type: ignore[union-attr]
    assert dilys.do(path, roles=["agent", "approver"]).status == 400
    assert dilys.do(path, roles=["agent"]).status == 303
    assert chen.get("/staff/trail").location == "/staff/enter"
    chen.sign_in()
    assert chen.get("/staff/trail").status == 403


@requirement("STF-16")
def test_shutting_out_works_at_once_and_can_be_undone(office: Office, dilys: Colleague) -> None:
    chen = office.seat("chen", Role.AGENT)
    number = chen.person.id  # type: ignore[union-attr]
    dilys.do(f"/staff/members/{number}/closure")
    assert chen.get("/staff").location == "/staff/enter"
    assert chen.sign_in().status == 400
    dilys.do(f"/staff/members/{number}/opening")
    assert chen.sign_in().status == 303


@pytest.mark.parametrize("act", ["roles", "closure", "opening", "invitation"])
def test_an_admin_does_nothing_to_oneself(office: Office, dilys: Colleague, act: str) -> None:
    before = office.named(dilys.person)  # type: ignore[arg-type]
    number = dilys.person.id  # type: ignore[union-attr]
    assert dilys.do(f"/staff/members/{number}/{act}", roles=["agent"]).status == 403
    after = office.named(dilys.person)  # type: ignore[arg-type]
    assert (after.roles, after.disabled_at) == (before.roles, before.disabled_at)


def test_who_has_a_passkey_is_not_invited_again_by_one_person(office: Office, dilys: Colleague) -> None:
    chen = office.hire("chen", Role.AGENT)
    number = chen.person.id  # type: ignore[union-attr]
    assert dilys.do(f"/staff/members/{number}/invitation").status == 409
    assert dilys.mailbag("chen@stagelight.example") == []


def test_no_page_and_no_event_holds_an_address_of_a_member(office: Office, dilys: Colleague) -> None:
    invite(dilys, "agent")
    auditor = office.seat("emre", Role.AUDITOR)
    pages = [dilys.get("/staff/members").text, auditor.get("/staff/trail").text]
    assert not any("@stagelight.example" in text for text in pages)
