"""Passkeys: only a verified person, at our own origin, with a challenge that is ours, young and unused."""

import json
from collections.abc import Callable

import pytest
from webauthn.helpers import bytes_to_base64url

from portal.members import member, passkeys
from portal.members.member import Member
from portal.members.passkeys import Passkey, PasskeyRefused
from portal.members.roles import Role
from tests.members.authenticator import Authenticator
from tests.members.bench import PLACE, Staff
from tests.requirements import requirement
from tests.servers.ground import StillClock

BROKEN: list[str] = [
    "", "null", "[]", "{}", "x", '{"id": 1}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {
        "clientDataJSON": "AA", "authenticatorData": "é", "signature": "AA", "attestationObject": "AA"}}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {
        "clientDataJSON": bytes_to_base64url(b'{"type": 1, "challenge": 5, "origin": []}'),
        "authenticatorData": "AA", "signature": "AA", "attestationObject": "AA"}}),
]  # fmt: skip


@pytest.fixture
def chen(staff: Staff, clock: StillClock) -> Member:
    """A support agent."""
    return staff.hire("chen", Role.AGENT, now=clock())


@pytest.fixture
def device(staff: Staff, chen: Member, clock: StillClock) -> Authenticator:
    """The device that chen registered."""
    held = Authenticator()
    staff.equip(chen, held, now=clock())
    return held


def shown(staff: Staff, told: str, clock: StillClock) -> Passkey:
    """What the portal makes of it; a refusal spends the challenge too."""
    refused: PasskeyRefused | None = None
    with staff.database.write() as session:
        try:
            return passkeys.prove(session, PLACE, told, now=clock())
        except PasskeyRefused as refusal:
            refused = refusal
    raise refused


def test_a_passkey_shows_who_it_belongs_to(
    staff: Staff, chen: Member, device: Authenticator, clock: StillClock
) -> None:
    for _ in range(2):
        assert shown(staff, device.show(staff.challenge(clock())), clock).member_id == chen.id


@requirement("STF-02")
def test_a_challenge_is_good_once(staff: Staff, device: Authenticator, clock: StillClock) -> None:
    challenge = staff.challenge(clock())
    shown(staff, device.show(challenge), clock)
    with pytest.raises(PasskeyRefused):
        shown(staff, device.show(challenge), clock)


@requirement("STF-02")
def test_a_refused_try_spends_the_challenge(staff: Staff, device: Authenticator, clock: StillClock) -> None:
    challenge = staff.challenge(clock())
    device.verifies = False
    with pytest.raises(PasskeyRefused):
        shown(staff, device.show(challenge), clock)
    device.verifies = True
    with pytest.raises(PasskeyRefused):
        shown(staff, device.show(challenge), clock)


@requirement("STF-02")
@pytest.mark.parametrize(("seconds", "is_good"), [(299, True), (300, False)])
def test_a_challenge_is_good_for_five_minutes(
    staff: Staff, device: Authenticator, clock: StillClock, seconds: int, is_good: bool
) -> None:
    told = device.show(staff.challenge(clock()))
    clock.move(seconds=seconds)
    if is_good:
        shown(staff, told, clock)
    else:
        with pytest.raises(PasskeyRefused):
            shown(staff, told, clock)


@requirement("STF-02")
@pytest.mark.parametrize(
    "fault",
    [
        lambda device: setattr(device, "verifies", False),
        lambda device: setattr(device, "origin", "https://console.stagelight.example.evil.example"),
        lambda device: setattr(device, "host", "stagelight.example"),
        lambda device: setattr(device, "cross_origin", True),
        lambda device: setattr(device, "count", -1),
        lambda device: setattr(device, "user", b"somebody else"),
        lambda device: setattr(device, "key", Authenticator().key),
        lambda device: setattr(device, "credential_id", b"unknown"),
    ],
    ids=["unverified", "origin", "relying party", "framed", "copied", "user", "key", "unknown"],
)
def test_what_proves_nothing_is_refused(
    staff: Staff, device: Authenticator, clock: StillClock, fault: Callable[[Authenticator], None]
) -> None:
    shown(staff, device.show(staff.challenge(clock())), clock)
    fault(device)
    with pytest.raises(PasskeyRefused):
        shown(staff, device.show(staff.challenge(clock())), clock)


@requirement("STF-02")
@pytest.mark.parametrize("fault", ["verifies", "origin", "host", "challenge"])
def test_a_passkey_is_made_by_a_verified_person_at_our_own_origin(
    staff: Staff, chen: Member, clock: StillClock, fault: str
) -> None:
    device = Authenticator(**{fault: "" for fault in [fault] if fault != "challenge"})  # type: ignore[arg-type]
    told = device.make("AAAA" if fault == "challenge" else staff.challenge(clock()))
    with staff.database.write() as session, pytest.raises(PasskeyRefused):
        passkeys.register(session, PLACE, chen, told, "key", now=clock())


def test_a_passkey_belongs_to_one_member(staff: Staff, device: Authenticator, clock: StillClock) -> None:
    dilys = staff.hire("dilys", Role.APPROVER, now=clock())
    with pytest.raises(PasskeyRefused):
        staff.equip(dilys, device, now=clock())


@requirement("STF-16")
def test_a_disabled_members_passkey_proves_nothing(
    staff: Staff, chen: Member, device: Authenticator, clock: StillClock
) -> None:
    with staff.database.write() as session:
        member.disable(session, chen, now=clock())
    with pytest.raises(PasskeyRefused):
        shown(staff, device.show(staff.challenge(clock())), clock)


@pytest.mark.parametrize("told", BROKEN)
def test_nonsense_is_refused_and_breaks_nothing(staff: Staff, chen: Member, clock: StillClock, told: str) -> None:
    with pytest.raises(PasskeyRefused):
        shown(staff, told, clock)
    with staff.database.write() as session, pytest.raises(PasskeyRefused):
        passkeys.register(session, PLACE, chen, told, "key", now=clock())


def test_the_last_passkey_stays(staff: Staff, chen: Member, device: Authenticator, clock: StillClock) -> None:
    second = staff.equip(chen, Authenticator(), now=clock())
    with staff.database.write() as session:
        assert passkeys.remove(session, chen, second.id)
        last = passkeys.of(session, chen)[0]
        assert not passkeys.remove(session, chen, last.id)
        assert len(passkeys.of(session, chen)) == 1
    assert device.credential_id == last.credential_id
