"""One's own passkeys: a second one is made while the first is fresh, and the last one stays."""

import re

import pytest

from portal.members import sessions
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.members.authenticator import Authenticator
from tests.members.bench import Staff
from tests.requirements import requirement
from tests.visitor import Answer

REMOVAL = re.compile(r'action="(/staff/passkeys/[0-9a-f-]+/removal)"')


@pytest.fixture
def chen(office: Office) -> Colleague:
    """A support agent, fresh from the entrance."""
    return office.seat("chen", Role.AGENT)


def add(colleague: Colleague, device: Authenticator) -> Answer:
    return colleague.do("/staff/passkeys", credential=device.make(colleague.challenge()), name="telephone")


def test_a_second_passkey_opens_the_door_too(chen: Colleague) -> None:
    second = Authenticator(user=chen.person.id.bytes)  # type: ignore[union-attr]
    assert add(chen, second).status == 303
    assert "telephone" in chen.get("/staff/passkeys").text
    chen.device = second
    assert chen.sign_in().status == 303


def test_a_second_passkey_needs_the_first(office: Office, chen: Colleague) -> None:
    office.clock.move(minutes=6)
    assert add(chen, Authenticator()).status == 403
    assert chen.do("/staff/passkeys/check").status == 403
    assert chen.do("/staff/passkeys/check", fresh=True).status == 303
    assert add(chen, Authenticator()).status == 303


@requirement("STF-03")
@pytest.mark.parametrize("how", [sessions.TOTP, sessions.OIDC])
@pytest.mark.parametrize(("seconds", "status"), [(300, 303), (301, 403)])
def test_the_first_passkey_is_made_within_five_minutes_of_coming_in(
    office: Office, how: str, seconds: int, status: int
) -> None:
    bo, staff = office.browser(), Staff(office.database, office.keys)
    bo.person = staff.hire("bo", Role.AGENT, now=office.clock())
    cookie = staff.enter(bo.person, now=office.clock(), how=how)
    bo.browser.client.set_cookie("__Host-ss", cookie, domain="console.stagelight.example", secure=True)  # type: ignore[attr-defined]
    assert "Make a passkey" in bo.get("/staff/passkeys").text
    office.clock.move(seconds=seconds)
    told = add(bo, Authenticator(user=bo.person.id.bytes))
    assert (told.status, "come in once more" in told.text) == (status, status == 403)


def test_a_passkey_that_is_given_up_opens_nothing_and_the_last_one_stays(chen: Colleague) -> None:
    assert REMOVAL.findall(chen.get("/staff/passkeys").text) == []
    add(chen, Authenticator())
    first, second = REMOVAL.findall(chen.get("/staff/passkeys").text)
    assert chen.do(first).status == 303
    assert chen.do(second).status == 404
    assert chen.sign_in().status == 400


def test_nobody_removes_a_colleagues_passkey(office: Office, chen: Colleague) -> None:
    add(chen, Authenticator())
    path = REMOVAL.findall(chen.get("/staff/passkeys").text)[0]
    dilys = office.seat("dilys", Role.ADMIN)
    assert dilys.do(path).status == 404


def test_a_device_that_did_not_check_the_person_makes_no_passkey(chen: Colleague) -> None:
    told = add(chen, Authenticator(verifies=False))
    assert told.status == 400
    assert "could not be kept" in told.text
