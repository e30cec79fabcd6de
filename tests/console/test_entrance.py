"""The entrance: a passkey opens one session, in one network, and its cookie is as strict as can be."""

import pytest
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.members import acts
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.members.authenticator import Authenticator
from tests.requirements import requirement
from tests.servers.ground import StillClock


@pytest.fixture
def chen(office: Office) -> Colleague:
    """A support agent who is signed in."""
    return office.seat("chen", Role.AGENT)


def is_in(colleague: Colleague) -> bool:
    return colleague.get("/staff").status == 200


def kinds(office: Office) -> list[str]:
    with office.database.read() as session:
        return list(session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id)))


@requirement("STF-02")
def test_a_passkey_opens_the_door(office: Office, chen: Colleague) -> None:
    assert "Hello, chen" in chen.get("/staff").text
    assert chen.get("/staff/enter").location == "/staff"
    assert kinds(office) == ["staff:entered"]


@requirement("STF-01")
def test_the_cookie_is_bound_to_the_consoles_host_and_no_script_reads_it(office: Office) -> None:
    cookie = office.hire("chen", Role.AGENT).sign_in().cookies[0]
    name, *flags = cookie.split("; ")
    assert name.startswith("__Host-ss=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict", "Max-Age=28800"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)


@requirement("STF-02")
@pytest.mark.parametrize("credential", ["", "{}", "nonsense", "x" * 17_000])
def test_without_a_passkey_nobody_comes_in(office: Office, credential: str) -> None:
    stranger = office.browser()
    told = stranger.post("/staff/enter", {"credential": credential})
    assert (told.status, told.cookies) == (400, [])
    assert "We did not accept that" in told.text


@requirement("STF-02")
def test_an_unknown_and_an_unverified_passkey_are_refused_alike(office: Office) -> None:
    known, unknown = office.hire("chen", Role.AGENT), office.browser()
    known.device.verifies = False  # type: ignore[union-attr]
    unknown.device = Authenticator()
    told = [colleague.sign_in() for colleague in (known, unknown)]
    assert {answer.status for answer in told} == {400}
    assert told[0].text == told[1].text
    assert kinds(office) == ["staff:refused", "staff:refused"]


@requirement("STF-15")
def test_signing_in_elsewhere_ends_the_session_here(office: Office, chen: Colleague) -> None:
    other = office.browser()
    other.device = chen.device
    other.sign_in()
    assert (is_in(chen), is_in(other)) == (False, True)


@requirement("STF-15")
@pytest.mark.parametrize(("minutes", "stays"), [(14, True), (15, False)])
def test_a_member_who_rests_is_signed_out(chen: Colleague, clock: StillClock, minutes: int, stays: bool) -> None:
    clock.move(minutes=minutes)
    assert is_in(chen) is stays


@requirement("STF-15")
def test_a_busy_member_stays_in_for_eight_hours(chen: Colleague, clock: StillClock) -> None:
    for _ in range(47):
        clock.move(minutes=10)
        assert is_in(chen)
    clock.move(minutes=10)
    assert not is_in(chen)


@requirement("STF-16")
def test_a_disabled_member_is_out_with_the_next_request(office: Office, chen: Colleague, clock: StillClock) -> None:
    with office.database.write() as session:
        acts.disable(session, chen.person, by="operator", now=clock())  # type: ignore[arg-type]
    assert chen.get("/staff").location == "/staff/enter"
    assert chen.sign_in().status == 400


@pytest.mark.parametrize(("host", "stays"), [("203.0.113.250", True), ("203.0.114.7", False), ("2001:db8::1", False)])
def test_a_cookie_is_good_in_its_network_only(office: Office, chen: Colleague, host: str, stays: bool) -> None:
    chen.browser.client.environ_base["REMOTE_ADDR"] = host  # type: ignore[attr-defined]
    assert is_in(chen) is stays
    chen.browser.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"  # type: ignore[attr-defined]
    # Whoever carried it elsewhere ended it: a stolen cookie is worth nothing.
    assert is_in(chen) is stays
    assert ("staff:elsewhere" in kinds(office)) is not stays


@pytest.mark.parametrize(("host", "stays"), [("2001:db8:5:ffff::9", True), ("2001:db8:6::1", False)])
def test_over_ipv6_a_network_is_what_one_site_has(office: Office, host: str, stays: bool) -> None:
    dilys = office.hire("dilys", Role.APPROVER, host="2001:db8:5::1")
    dilys.sign_in()
    dilys.browser.client.environ_base["REMOTE_ADDR"] = host  # type: ignore[attr-defined]
    assert is_in(dilys) is stays


def test_leaving_ends_the_session_on_the_server(office: Office, chen: Colleague) -> None:
    left = chen.do("/staff/leave")
    assert (left.status, left.location) == (303, "/staff/enter")
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(chen)
    assert kinds(office)[-1] == "staff:left"


def test_an_act_without_the_pages_token_is_refused(office: Office, chen: Colleague) -> None:
    dilys = office.seat("dilys", Role.APPROVER)
    stolen = dilys.do("/staff/leave", page="/staff")
    assert stolen.status == 303
    assert chen.post("/staff/leave", {}).status == 403
    assert chen.post("/staff/leave", {"csrf_token": "forged"}).status == 403
    assert is_in(chen)


def test_another_site_can_neither_fetch_a_challenge_nor_sign_in(office: Office) -> None:
    chen = office.hire("chen", Role.AGENT)
    for path in ("/staff/challenge", "/staff/enter"):
        assert chen.post(path, {}, Sec_Fetch_Site="cross-site").status == 403
