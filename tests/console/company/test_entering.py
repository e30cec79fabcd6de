"""The way in through the company's sign-in: it must prove enough, and nobody becomes a member by it."""

import pytest
from flask import Flask

from portal.console import access
from portal.members import acts
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.console.company.way import ENTER, arrive, enter, events
from tests.console.test_roles import DOORSTEP
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.servers.company import Company

one_engine = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@requirement("STF-02")
def test_who_proved_enough_at_the_company_comes_in(office: Office, company: Company, chen: Colleague) -> None:
    door = chen.get("/staff/enter").text
    assert "Sign in through your company" in door
    assert '<span class="masthead__service">Stagelight Tickets</span>' in door
    told = enter(company, chen)
    assert (told.status, told.headers["Refresh"]) == (200, "0; url=/staff/passkeys")
    assert "through your company" in chen.get("/staff").text
    assert events(office) == [("member:linked", None), ("staff:entered", "oidc")]
    assert enter(company, chen).status == 200
    assert events(office)[2:] == [("staff:entered", "oidc")]


@requirement("STF-01")
@one_engine
def test_one_cookie_comes_back_from_elsewhere_and_the_other_never_does(company: Company, chen: Colleague) -> None:
    left = chen.post(ENTER, {})
    [away] = left.cookies
    name, *flags = away.split("; ")
    assert name.startswith("__Host-so=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=300"} <= set(flags)
    back = arrive(chen, company.agree(left.headers["Refresh"].removeprefix("0; url="), company.employ("chen")))
    kept, forgotten = sorted(back.cookies, reverse=True)
    assert {"SameSite=Strict", "Max-Age=28800"} <= set(kept.split("; "))
    assert forgotten.startswith("__Host-so=;")
    # Nothing but the browser's own cookie leads to what the company's sign-in was asked with.
    cookie = name.partition("=")[2]
    assert cookie not in left.text + left.headers["Refresh"]


@requirement("STF-03")
def test_dangerous_acts_still_need_a_passkey_and_who_has_none_may_make_one(
    office: Office, company: Company, chen: Colleague
) -> None:
    with office.database.write() as session:
        acts.give_roles(session, office.named(chen.person), [Role.ADMIN], by="operator", now=office.clock())  # type: ignore[arg-type]
    enter(company, chen)
    dilys = office.hire("dilys", Role.APPROVER)
    closure = f"/staff/members/{dilys.person.id}/closure"  # type: ignore[union-attr]
    assert chen.do(closure).status == 403
    chen.device = Authenticator(user=chen.person.id.bytes)  # type: ignore[union-attr]
    assert chen.do("/staff/passkeys", credential=chen.device.make(chen.challenge()), name="laptop").status == 303
    another = Authenticator(user=chen.person.id.bytes)  # type: ignore[union-attr]
    assert chen.do("/staff/passkeys", credential=another.make(chen.challenge()), name="more").status == 403
    assert chen.do(closure, fresh=True).status == 303
    assert enter(company, chen).headers["Refresh"] == "0; url=/staff"


@requirement("STF-02")
def test_the_first_account_with_an_address_is_the_one_until_the_member_begins_anew(
    office: Office, company: Company, chen: Colleague
) -> None:
    assert enter(company, chen).status == 200
    assert enter(company, chen, account="who has the address now").status == 400
    assert events(office)[-1] == ("staff:refused", "another-account")
    # Nor does the account follow its person to another member's address.
    office.hire("bo", Role.AGENT)
    assert enter(company, office.browser(), email="bo@stagelight.example").status == 400
    dilys, emre = office.seat("dilys", Role.ADMIN), office.seat("emre", Role.APPROVER)
    place = dilys.do(f"/staff/members/{chen.person.id}/recovery", fresh=True, reason="device-stolen").location  # type: ignore[union-attr]
    seen = emre.get(place).text.partition('name="seen" value="')[2][:64]
    assert emre.do(f"{place}/approval", fresh=True, reason="contents-checked", seen=seen).status == 303
    office.work()
    assert enter(company, chen, account="who has the address now").status == 200


@requirement("STF-04")
@one_engine
def test_the_doorstep_has_one_door_more(portal: Flask) -> None:
    open_to_all = {what for what, roles in access.matrix(portal).items() if not roles}
    assert open_to_all - DOORSTEP == {f"GET {ENTER}", f"POST {ENTER}"}


@one_engine
def test_without_the_settings_there_is_no_such_door(make_portal: MakePortal) -> None:
    client = make_portal(console_origin=ORIGIN).test_client()
    assert client.get(ENTER, base_url=ORIGIN).status_code == 404
    assert "through your company" not in client.get("/staff/enter", base_url=ORIGIN).text
