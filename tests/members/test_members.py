"""Members: who may be one, with which roles, and that a thief of the database learns no address."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from portal.database import Database
from portal.members import member
from portal.members.member import Member, MemberRefused, Newcomer
from portal.members.roles import Role, RolesRefused
from portal.sealing import KeyRing
from tests.members.bench import Staff
from tests.requirements import requirement
from tests.servers.ground import StillClock


def test_a_member_holds_the_roles_that_were_given(staff: Staff, clock: StillClock) -> None:
    chen = staff.hire("chen", Role.AUDITOR, Role.AGENT, now=clock())
    assert (chen.holds, chen.works_for) == ({Role.AGENT, Role.AUDITOR}, ())


@requirement("STF-04")
def test_nobody_is_agent_and_approver(staff: Staff, database: Database, clock: StillClock) -> None:
    with pytest.raises(RolesRefused):
        staff.hire("chen", Role.AGENT, Role.APPROVER, now=clock())
    with database.read() as session:
        assert member.everybody(session) == []


@requirement("STF-04")
@pytest.mark.parametrize("roles", ["agent,approver", "agent,auditor,approver", ""])
def test_the_database_itself_refuses_such_roles(
    staff: Staff, database: Database, clock: StillClock, roles: str
) -> None:
    staff.hire("chen", Role.AGENT, now=clock())
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text("update member set roles = :roles"), {"roles": roles})
    for allowed in ("approver", "agent", "approver,auditor", ",".join(sorted(set(Role) - {Role.AGENT}))):
        with database.write() as session:
            session.execute(update(Member).values(roles=allowed))


def test_an_address_is_one_member_however_it_is_written(staff: Staff, keys: KeyRing, clock: StillClock) -> None:
    staff.hire("chen", Role.AGENT, now=clock())
    again = Newcomer("Chen", " CHEN@stagelight.example ", frozenset({Role.AUDITOR}))
    with pytest.raises(MemberRefused, match="already"), staff.database.write() as session:
        member.add(session, keys, again, now=clock())


@pytest.mark.parametrize(("name", "address"), [("", "a@b.example"), ("x" * 81, "a@b.example"), ("chen", "nowhere")])
def test_without_a_name_or_an_address_nobody_is_invited(
    staff: Staff, keys: KeyRing, clock: StillClock, name: str, address: str
) -> None:
    with pytest.raises(MemberRefused), staff.database.write() as session:
        member.add(session, keys, Newcomer(name, address, frozenset({Role.AGENT})), now=clock())


def test_the_database_holds_no_readable_address(staff: Staff, keys: KeyRing, clock: StillClock) -> None:
    chen = staff.hire("chen", Role.AGENT, now=clock())
    with staff.database.read() as session:
        row = session.execute(text("select * from member")).one()
    assert b"stagelight.example" not in b"".join(value for value in row if isinstance(value, bytes))
    assert not any("stagelight.example" in str(value) for value in row)
    assert member.address_of(keys, chen) == "chen@stagelight.example"
