"""Invitations: good once, for a day, for one member, who is not disabled."""

import pytest

from portal.members import invitations, member
from portal.members.member import Member
from portal.members.roles import Role
from tests.members.bench import Staff
from tests.servers.ground import StillClock


@pytest.fixture
def chen(staff: Staff, clock: StillClock) -> Member:
    """A support agent who was not invited yet."""
    return staff.hire("chen", Role.AGENT, now=clock())


def invite(staff: Staff, person: Member, clock: StillClock) -> tuple[str, str]:
    with staff.database.write() as session:
        made, token = invitations.issue(session, staff.keys, person, now=clock())
        return made.public_id, token


def spent(staff: Staff, link: tuple[str, str], clock: StillClock) -> bool:
    with staff.database.write() as session:
        found = invitations.find(session, staff.keys, *link, now=clock())
        return found is not None and invitations.spend(session, found, now=clock())


def test_an_invitation_is_good_once(staff: Staff, chen: Member, clock: StillClock) -> None:
    link = invite(staff, chen, clock)
    assert [spent(staff, link, clock) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("seconds", "is_good"), [(86_399, True), (86_400, False)])
def test_an_invitation_is_good_for_a_day(
    staff: Staff, chen: Member, clock: StillClock, seconds: int, is_good: bool
) -> None:
    link = invite(staff, chen, clock)
    clock.move(seconds=seconds)
    with staff.database.read() as session:
        assert (invitations.find(session, staff.keys, *link, now=clock()) is not None) is is_good
    assert spent(staff, link, clock) is is_good


def test_a_newer_invitation_ends_the_older(staff: Staff, chen: Member, clock: StillClock) -> None:
    old, new = invite(staff, chen, clock), invite(staff, chen, clock)
    assert [spent(staff, link, clock) for link in (old, new)] == [False, True]


def test_a_disabled_member_cannot_join(staff: Staff, chen: Member, clock: StillClock) -> None:
    link = invite(staff, chen, clock)
    with staff.database.write() as session:
        member.disable(session, chen, now=clock())
    assert not spent(staff, link, clock)


def test_another_invitations_secret_opens_nothing(staff: Staff, chen: Member, clock: StillClock) -> None:
    other = invite(staff, staff.hire("dilys", Role.APPROVER, now=clock()), clock)
    link = invite(staff, chen, clock)
    assert not spent(staff, (link[0], other[1]), clock)
    assert not spent(staff, ("", ""), clock)
