"""Dangerous acts: nothing happens without a passkey of the last five minutes, and it must be the member's own."""

import re

import pytest

from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import token_on

KEPT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]+)">')


@pytest.fixture
def dilys(office: Office) -> Colleague:
    """An admin whose passkey is no longer fresh."""
    colleague = office.seat("dilys", Role.ADMIN)
    office.clock.move(minutes=5, seconds=1)
    return colleague


@pytest.fixture
def chen(office: Office) -> Colleague:
    """Somebody to act upon."""
    return office.hire("chen", Role.AGENT)


def closure(colleague: Colleague) -> str:
    assert colleague.person
    return f"/staff/members/{colleague.person.id}/closure"


def is_out(office: Office, colleague: Colleague) -> bool:
    assert colleague.person
    return office.named(colleague.person).disabled_at is not None


@requirement("STF-03")
def test_a_stale_passkey_changes_nothing(office: Office, dilys: Colleague, chen: Colleague) -> None:
    told = dilys.do(closure(chen))
    assert told.status == 403
    assert "Show your passkey once more" in told.text
    assert not is_out(office, chen)


@requirement("STF-03")
def test_a_passkey_that_is_shown_along_is_enough(office: Office, dilys: Colleague, chen: Colleague) -> None:
    told = dilys.do(closure(chen), fresh=True)
    assert told.status == 303
    assert is_out(office, chen)
    assert told.cookies[0].startswith("__Host-ss=")
    assert dilys.get("/staff").status == 200


@requirement("STF-03")
@pytest.mark.parametrize(("seconds", "done"), [(300, True), (301, False)])
def test_one_showing_is_good_for_five_minutes(
    office: Office, dilys: Colleague, chen: Colleague, clock: StillClock, seconds: int, done: bool
) -> None:
    emre = office.hire("emre", Role.AUDITOR)
    dilys.do(closure(chen), fresh=True)
    clock.move(seconds=seconds)
    dilys.do(closure(emre))
    assert is_out(office, emre) is done


@requirement("STF-03")
def test_a_colleagues_passkey_does_not_help(office: Office, dilys: Colleague, chen: Colleague) -> None:
    dilys.device = chen.device
    assert dilys.do(closure(chen), fresh=True).status == 403
    assert not is_out(office, chen)


@requirement("STF-03")
def test_a_copied_answer_of_the_device_does_not_help(office: Office, dilys: Colleague, chen: Colleague) -> None:
    once = dilys.shown()
    dilys.do(f"/staff/passkeys/{chen.person.id}/removal", credential=once)  # type: ignore[union-attr]
    office.clock.move(minutes=6)
    assert dilys.do(closure(chen), credential=once).status == 403
    assert not is_out(office, chen)


@requirement("STF-03")
def test_what_was_ticked_is_kept_until_the_passkey_is_shown(office: Office, dilys: Colleague, chen: Colleague) -> None:
    assert chen.person
    wish = {"roles": ["operator", "code-manager"], "note": "<b>ours</b>"}
    told = dilys.do(f"/staff/members/{chen.person.id}/roles", **wish)  # type: ignore[arg-type]
    kept = [one for one in KEPT.findall(told.text) if one[0] != "csrf_token"]
    assert kept == [("roles", "operator"), ("roles", "code-manager"), ("note", "&lt;b&gt;ours&lt;/b&gt;")]
    assert f'action="/staff/members/{chen.person.id}/roles"' in told.text
    assert office.named(chen.person).holds == {Role.AGENT}
    again = {"csrf_token": token_on(told), "roles": [value for name, value in kept if name == "roles"]}
    assert dilys.post(f"/staff/members/{chen.person.id}/roles", {**again, "credential": dilys.shown()}).status == 303
    assert office.named(chen.person).holds == {Role.OPERATOR, Role.CODE_MANAGER}
