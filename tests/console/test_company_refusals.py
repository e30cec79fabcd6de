"""Whoever the company does not vouch for stays out: each refusal is one page, and the trail says which it was."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.members import acts, sign_ons
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.console.way import ENTER, arrive, enter, events, is_in, leave
from tests.members.bench import ORIGIN, Staff
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.servers.company import Company, questions
from tests.servers.ground import StillClock

one_engine = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def portal(make_portal: MakePortal, company: Company, clock: StillClock) -> Flask:
    """The application, with a console and the company's sign-in, which knows the real time."""
    clock.moment = datetime.now(UTC)
    return make_portal(console_origin=ORIGIN, **company.settings)


@pytest.fixture
def chen(office: Office) -> Colleague:
    """A support agent without a passkey, at a browser."""
    colleague = office.browser()
    colleague.person = Staff(office.database, office.keys).hire("chen", Role.AGENT, now=office.clock())
    return colleague


@requirement("STF-02")
@one_engine
@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"amr": None}, "too-weak"),
        ({"amr": ["pwd"], "acr": "1"}, "too-weak"),
        ({"nonce": "f" * 64}, "token:InvalidClaimError:nonce"),
        ({"aud": "another"}, "token:InvalidClaimError:aud"),
        ({"iss": "https://elsewhere.example"}, "token:InvalidClaimError:iss"),
        ({"exp": int(time.time()) - 3600}, "token:ExpiredTokenError:exp"),
        ({"auth_time": int(time.time()) - 3600}, "token:too-old"),
        ({"email_verified": False}, "address-unverified"),
        ({"email": "fatou@stagelight.example"}, "address-unknown"),
    ],
    ids=lambda said: said if isinstance(said, str) else "",
)
def test_whoever_is_not_vouched_for_stays_out_and_all_hear_the_same(
    office: Office, company: Company, chen: Colleague, claims: dict[str, Any], why: str
) -> None:
    refused = enter(company, chen, **claims)
    assert refused.status == 400
    assert events(office) == [("staff:refused", why)]
    assert not is_in(chen)
    denied = arrive(office.browser(), f"{ORIGIN}{ENTER}?state=x")
    assert refused.text == denied.text
    assert "use a passkey" in refused.text


@requirement("STF-16")
def test_a_disabled_member_stays_out(office: Office, company: Company, chen: Colleague) -> None:
    enter(company, chen)
    with office.database.write() as session:
        acts.disable(session, chen.person, by="operator", now=office.clock())  # type: ignore[arg-type]
    assert enter(company, chen).status == 400
    assert events(office)[-1] == ("staff:refused", "member-disabled")


@requirement("STF-02")
def test_a_way_back_is_good_once_for_its_own_browser_and_for_five_minutes(
    office: Office, company: Company, chen: Colleague
) -> None:
    account = company.employ("chen")
    stolen = company.agree(leave(chen), account)
    thief = office.browser()
    assert arrive(thief, stolen).status == 400
    leave(thief)
    assert arrive(thief, stolen).status == 400
    office.clock.move(seconds=299)
    kept = chen.browser.client.get_cookie("__Host-so", domain="console.stagelight.example")  # type: ignore[attr-defined]
    assert arrive(chen, stolen).status == 200
    chen.browser.client.set_cookie("__Host-so", kept.value, domain="console.stagelight.example", secure=True)  # type: ignore[attr-defined]
    assert arrive(chen, stolen).status == 400
    late = company.agree(leave(chen), account)
    office.clock.move(minutes=5)
    assert arrive(chen, late).status == 400


@requirement("STF-02")
def test_what_never_came_back_is_forgotten(office: Office, chen: Colleague) -> None:
    leave(chen)
    office.work()
    with office.database.read() as session:
        assert len(session.scalars(select(sign_ons.SignOn)).all()) == 1
    office.clock.move(minutes=5)
    office.work()
    with office.database.read() as session:
        assert session.scalars(select(sign_ons.SignOn)).all() == []


@one_engine
def test_who_says_no_at_the_company_is_told_how_to_go_on(office: Office, company: Company, chen: Colleague) -> None:
    assert arrive(chen, company.deny(leave(chen))).status == 400
    assert events(office) == [("staff:refused", "said-no")]
    address = leave(chen)
    back = f"{ORIGIN}{ENTER}?state={questions(address)['state']}&code=x&iss=https://elsewhere.example"
    assert arrive(chen, back).status == 400
    assert arrive(chen, f"{ORIGIN}{ENTER}").location == "/staff/enter"


@requirement("STF-02")
@one_engine
@pytest.mark.parametrize("query", ["state=", "state=é&code=%00", "state=" + "x" * 5000, "state=a&state=b&code=c"])
def test_nonsense_opens_nothing(office: Office, chen: Colleague, query: str) -> None:
    leave(chen)
    assert arrive(chen, f"{ORIGIN}{ENTER}?{query}").status == 400


@requirement("STF-02")
@one_engine
def test_while_the_company_s_sign_in_is_away_a_passkey_still_opens(
    office: Office, make_portal: MakePortal, company: Company
) -> None:
    settings = {**company.settings, "oidc_issuer": "http://127.0.0.1:1"}
    office.app = make_portal(console_origin=ORIGIN, **settings)
    dilys = office.hire("dilys", Role.ADMIN)
    told = dilys.post(ENTER, {})
    assert told.status == 503
    assert "does not answer" in told.text
    assert events(office) == [("staff:refused", "ConnectionError")]
    assert dilys.sign_in().status == 303


@one_engine
def test_another_site_cannot_send_anybody_there(office: Office) -> None:
    assert office.browser().post(ENTER, {}, Sec_Fetch_Site="cross-site").status == 403
