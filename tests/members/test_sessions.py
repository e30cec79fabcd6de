"""Sessions of members: one, short, fresh for five minutes only, and over when the member is disabled."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from portal.members import member, sessions
from portal.members.member import Member
from portal.members.roles import Role
from portal.members.sessions import MemberSession
from portal.tokens import fresh_id
from tests.members.bench import Staff
from tests.requirements import requirement
from tests.servers.ground import StillClock


@pytest.fixture
def chen(staff: Staff, clock: StillClock) -> Member:
    """A support agent."""
    return staff.hire("chen", Role.AGENT, now=clock())


def open_ones(staff: Staff) -> list[MemberSession]:
    with staff.database.read() as session:
        return list(session.scalars(select(MemberSession).where(MemberSession.ended_at.is_(None))))


@requirement("STF-15")
@pytest.mark.parametrize(("seconds", "is_open"), [(899, True), (900, False)])
def test_a_session_ends_after_fifteen_idle_minutes(
    staff: Staff, chen: Member, clock: StillClock, seconds: int, is_open: bool
) -> None:
    cookie = staff.enter(chen, now=clock())
    assert (staff.present(cookie, now=clock.move(seconds=seconds)) is not None) is is_open


@requirement("STF-15")
@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False)])
def test_a_session_ends_after_eight_hours_however_busy(
    staff: Staff, chen: Member, clock: StillClock, seconds: int, is_open: bool
) -> None:
    cookie = staff.enter(chen, now=clock())
    for _ in range(47):
        clock.move(minutes=10)
        with staff.database.write() as session:
            found = sessions.find(session, staff.keys, cookie, now=clock())
            assert found
            sessions.touch(session, found, now=clock())
    assert (staff.present(cookie, now=clock.move(minutes=10, seconds=seconds)) is not None) is is_open


@requirement("STF-15")
def test_a_member_has_one_session(staff: Staff, chen: Member, clock: StillClock) -> None:
    first = staff.enter(chen, now=clock())
    second = staff.enter(chen, now=clock.move(minutes=1))
    assert staff.present(first, now=clock()) is None
    assert staff.present(second, now=clock()) is not None


@requirement("STF-15")
def test_two_who_sign_in_at_once_leave_one_session(staff: Staff, chen: Member, clock: StillClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        cookies = list(pool.map(lambda _: staff.enter(chen, now=clock()), range(16)))
    assert len(open_ones(staff)) == 1
    assert len([cookie for cookie in cookies if staff.present(cookie, now=clock())]) == 1


@requirement("STF-15")
def test_the_database_itself_refuses_a_second_session(staff: Staff, chen: Member, clock: StillClock) -> None:
    staff.enter(chen, now=clock())
    row = {
        "id": fresh_id(),
        "member_id": chen.id,
        "key_id": 1,
        "cookie_digest": bytes(32),
        "network": "",
        "how": "totp",
    }
    row |= {"how": "oidc", **dict.fromkeys(("opened_at", "seen_at", "ends_at"), clock())}
    with pytest.raises(IntegrityError), staff.database.write() as session:
        session.execute(insert(MemberSession).values(row))


@requirement("STF-16")
def test_a_disabled_member_is_out_at_once(staff: Staff, chen: Member, clock: StillClock) -> None:
    cookie = staff.enter(chen, now=clock())
    with staff.database.write() as session:
        assert member.disable(session, chen, now=clock())
    assert staff.present(cookie, now=clock()) is None


@requirement("STF-03")
@pytest.mark.parametrize(("seconds", "is_fresh"), [(300, True), (301, False)])
def test_a_passkey_is_fresh_for_five_minutes(
    staff: Staff, chen: Member, clock: StillClock, seconds: int, is_fresh: bool
) -> None:
    staff.enter(chen, now=clock())
    assert open_ones(staff)[0].is_fresh(clock.move(seconds=seconds)) is is_fresh


@requirement("STF-03")
@pytest.mark.parametrize("how", [sessions.TOTP, sessions.OIDC])
def test_no_other_way_in_is_fresh(staff: Staff, chen: Member, clock: StillClock, how: str) -> None:
    staff.enter(chen, now=clock(), how=how)
    assert not open_ones(staff)[0].is_fresh(clock())


@requirement("STF-03")
def test_showing_a_passkey_again_gives_a_new_cookie(staff: Staff, chen: Member, clock: StillClock) -> None:
    old = staff.enter(chen, now=clock())
    clock.move(minutes=6)
    with staff.database.write() as session:
        found = sessions.find(session, staff.keys, old, now=clock())
        assert found
        new = sessions.step_up(session, staff.keys, found, now=clock())
    assert staff.present(old, now=clock()) is None
    assert staff.present(new, now=clock()) is not None
    assert open_ones(staff)[0].is_fresh(clock())


def test_no_cookie_is_stored(staff: Staff, chen: Member, clock: StillClock) -> None:
    cookie = staff.enter(chen, now=clock())
    held = open_ones(staff)[0]
    assert cookie.encode() not in held.cookie_digest
    assert cookie not in str(vars(held))
