"""What members left behind is forgotten a day after it is over, and never before."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from portal.members import challenges, codes, forgetting, invitations, sessions, sign_ons
from portal.members.challenges import Challenge
from portal.members.codes import MemberCodes
from portal.members.invitations import Invitation
from portal.members.member import Member
from portal.members.roles import Role
from portal.members.sessions import MemberSession
from tests.members.bench import Staff
from tests.servers.ground import StillClock

DAY = 24 * 60 * 60


@pytest.fixture
def chen(staff: Staff, clock: StillClock) -> Member:
    """A support agent."""
    return staff.hire("chen", Role.AGENT, now=clock())


def forget(staff: Staff, clock: StillClock) -> bool:
    """What the worker does; whether its look found anything."""
    rules = forgetting.rules()
    with staff.database.read() as session:
        found = any(rule.is_any_over(session, clock()) for rule in rules)
    with staff.database.write() as session:
        assert found == (sum(rule.step(session, clock()) for rule in rules) > 0)
    with staff.database.read() as session:
        assert not any(rule.is_any_over(session, clock()) for rule in rules)
    return found


def left(staff: Staff, table: type) -> int:
    with staff.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("ended", [True, False])
def test_a_session_is_forgotten_a_day_after_its_end(staff: Staff, chen: Member, clock: StillClock, ended: bool) -> None:
    staff.enter(chen, now=clock())
    if ended:
        with staff.database.write() as session:
            sessions.end_those_of(session, chen.id, now=clock())
    clock.move(seconds=(0 if ended else sessions.ABSOLUTE.total_seconds()) + DAY - 1)
    assert (forget(staff, clock), left(staff, MemberSession)) == (False, 1)
    clock.move(seconds=1)
    assert (forget(staff, clock), left(staff, MemberSession)) == (True, 0)


@pytest.mark.parametrize("used", [True, False])
def test_an_invitation_is_forgotten_a_day_after_it_was_good(
    staff: Staff, chen: Member, clock: StillClock, used: bool
) -> None:
    with staff.database.write() as session:
        invitation, _ = invitations.issue(session, staff.keys, chen, now=clock())
        session.flush()
        assert not used or invitations.spend(session, invitation, now=clock())
    clock.move(seconds=DAY * (1 if used else 2) - 1)
    assert (forget(staff, clock), left(staff, Invitation)) == (False, 1)
    clock.move(seconds=1)
    assert (forget(staff, clock), left(staff, Invitation)) == (True, 0)


@pytest.mark.parametrize("has_passkey", [True, False])
def test_the_key_of_spent_codes_is_forgotten_but_not_that_there_were_any(
    staff: Staff, chen: Member, clock: StillClock, has_passkey: bool
) -> None:
    secret = codes.secret_of(staff.keys, "0" * 20, "0" * 50)
    code = pyotp.TOTP(secret).at(clock())
    with staff.database.write() as session:
        assert codes.begin(session, staff.keys, chen, secret, code, now=clock())
    assert not forget(staff, clock)
    if has_passkey:
        with staff.database.write() as session:
            codes.end(session, chen)
    clock.move(seconds=0 if has_passkey else DAY)
    assert forget(staff, clock)
    with staff.database.write() as session:
        assert session.scalars(select(MemberCodes.secret_sealed)).all() == [b""]
        later = pyotp.TOTP(secret).at(clock())
        assert not codes.check(session, staff.keys, chen, later, now=clock())
        assert not codes.begin(session, staff.keys, chen, secret, later, now=clock())


def test_what_nobody_signed_or_came_back_with_is_forgotten_after_five_minutes(staff: Staff, clock: StillClock) -> None:
    with staff.database.write() as session:
        challenges.give(session, now=clock())
        sign_ons.begin(session, staff.keys, now=clock())
    clock.move(seconds=299)
    assert (forget(staff, clock), left(staff, Challenge), left(staff, sign_ons.SignOn)) == (False, 1, 1)
    clock.moment += timedelta(seconds=1)
    assert (forget(staff, clock), left(staff, Challenge), left(staff, sign_ons.SignOn)) == (True, 0, 0)
