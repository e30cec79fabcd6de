"""Codes of an app: only by an invitation that allows them, for a day, each once, and for nothing dangerous."""

import re

import pyotp
import pytest
from sqlalchemy import text

from portal.limits import MEMBER_CODE_TRIES
from portal.members import correspondence, member
from portal.members.member import Newcomer
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Answer

LINK = re.compile(r"/staff/join\?lang=en#([0-9a-z]{20})\.([0-9a-z]{50})")
SECRET = re.compile(r'<strong class="code">([A-Z2-7 ]+)</strong>')
SAID_AT_THE_FIELD = re.compile(r'<p id="code-error"[^>]*>\s*<span[^>]*>Error:</span> ([^.]+\.)')
ADDRESS = "chen@stagelight.example"


@pytest.fixture
def chen(office: Office, clock: StillClock) -> Colleague:
    """Somebody at a browser, who is not invited yet."""
    colleague = office.browser()
    with office.database.write() as session:
        newcomer = Newcomer("chen", ADDRESS, frozenset({Role.ADMIN}))
        colleague.person = member.add(session, office.keys, newcomer, now=clock())
    return colleague


def invite(office: Office, chen: Colleague, *, allows_codes: bool = True) -> dict[str, str]:
    """The parts of the invitation's link."""
    assert chen.person
    with office.database.write() as session:
        said = {"by": "operator", "origin": ORIGIN}
        correspondence.invite(session, office.keys, chen.person, **said, allows_codes=allows_codes, now=office.clock())
    found = LINK.search(chen.letter(ADDRESS).plain)
    assert found
    return {"public_id": found[1], "token": found[2]}


def app_of(chen: Colleague, link: dict[str, str]) -> pyotp.TOTP:
    """The app, once the key was typed."""
    found = SECRET.search(chen.post("/staff/join/codes", link).text)
    assert found
    return pyotp.TOTP(found[1].replace(" ", ""))


@pytest.fixture
def app(office: Office, chen: Colleague) -> pyotp.TOTP:
    """The app of chen, who is in by a first code."""
    link = invite(office, chen)
    held = app_of(chen, link)
    began = chen.post("/staff/join/codes/check", {**link, "code": held.at(office.clock())})
    assert (began.status, began.location) == (303, "/staff/passkeys")
    return held


def enter(office: Office, colleague: Colleague, app: pyotp.TOTP, **said: str) -> Answer:
    return colleague.post("/staff/enter/codes", {"email": ADDRESS, "code": app.at(office.clock()), **said})


@requirement("STF-02")
def test_a_code_opens_the_door_for_a_day(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    assert "with codes of an app" in chen.get("/staff").text
    office.clock.move(hours=23, minutes=59)
    assert enter(office, chen, app).status == 303
    office.clock.move(minutes=1)
    assert enter(office, chen, app).status == 400


@requirement("STF-02")
def test_a_code_is_good_once(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    assert enter(office, chen, app).status == 400
    office.clock.move(seconds=30)
    assert [enter(office, chen, app).status for _ in range(2)] == [303, 400]


@requirement("STF-02")
@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (-60, 400), (30, 400)])
def test_a_code_is_of_this_half_minute_or_the_one_before(
    office: Office, chen: Colleague, app: pyotp.TOTP, seconds: int, status: int
) -> None:
    office.clock.move(minutes=5)
    assert enter(office, chen, app, code=app.at(int(office.clock().timestamp()) + seconds)).status == status


@requirement("STF-02")
def test_after_ten_wrong_codes_the_right_one_is_refused(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    office.clock.move(minutes=1)
    for _ in range(MEMBER_CODE_TRIES):
        assert enter(office, chen, app, code="abcdef").status == 400
    assert enter(office, chen, app).status == 400


@requirement("STF-02")
@requirement("STF-03")
def test_codes_do_nothing_dangerous(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    dilys = office.hire("dilys", Role.APPROVER)
    assert chen.do(f"/staff/members/{dilys.person.id}/closure").status == 403  # type: ignore[union-attr]
    assert office.named(dilys.person).disabled_at is None  # type: ignore[arg-type]


@requirement("STF-02")
def test_the_first_passkey_ends_the_codes(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    chen.device = Authenticator(user=chen.person.id.bytes)  # type: ignore[union-attr]
    made = chen.device.make(chen.challenge())
    assert chen.do("/staff/passkeys", credential=made, name="laptop").status == 303
    office.clock.move(minutes=1)
    assert enter(office, chen, app).status == 400
    another = Authenticator()
    assert chen.do("/staff/passkeys", credential=another.make(chen.challenge()), name="x").status == 403
    assert chen.sign_in().status == 303


@requirement("STF-02")
def test_an_invitation_must_allow_codes(office: Office, chen: Colleague) -> None:
    link = invite(office, chen, allows_codes=False)
    assert "no passkeys yet" not in chen.post("/staff/join", link).text
    assert chen.post("/staff/join/codes", link).status == 400
    assert chen.post("/staff/join/codes/check", {**link, "code": "000000"}).status == 400
    assert "no passkeys yet" in chen.post("/staff/join", invite(office, chen)).text


@requirement("STF-02")
def test_codes_are_given_once(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    link = invite(office, chen)
    fresh = app_of(chen, link)
    assert chen.post("/staff/join/codes/check", {**link, "code": fresh.at(office.clock())}).status == 400


def test_a_wrong_first_code_spends_nothing(office: Office, chen: Colleague) -> None:
    link = invite(office, chen)
    refused = chen.post("/staff/join/codes/check", {**link, "code": "000000"})
    assert (refused.status, SAID_AT_THE_FIELD.findall(refused.text)) == (400, ["This code is not good."])
    assert app_of(chen, link).secret == app_of(chen, link).secret
    code = app_of(chen, link).at(office.clock())
    assert chen.post("/staff/join/codes/check", {**link, "code": code}).status == 303


@requirement("STF-16")
def test_a_disabled_members_code_is_refused(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    with office.database.write() as session:
        member.disable(session, chen.person, now=office.clock())  # type: ignore[arg-type]
    office.clock.move(minutes=1)
    assert enter(office, chen, app).status == 400


def test_a_stranger_and_a_wrong_code_hear_the_same(office: Office, chen: Colleague, app: pyotp.TOTP) -> None:
    office.clock.move(minutes=1)
    wrong = enter(office, chen, app, code="000000").text
    assert SAID_AT_THE_FIELD.findall(wrong) == ["We did not accept that."]
    assert enter(office, chen, app, code="000000", email="bo@stagelight.example").text == wrong.replace("chen@", "bo@")


def test_the_database_holds_no_readable_key(office: Office, app: pyotp.TOTP) -> None:
    with office.database.read() as session:
        row = session.execute(text("select * from member_codes")).one()
    assert app.secret not in str(row)
    assert app.byte_secret() not in b"".join(value for value in row if isinstance(value, bytes))
