"""Sign-ons and accounts outlive a change of keys, and say nothing to a thief of the database."""

import pytest
from sqlalchemy import text

from portal.members import accounts, sign_ons
from portal.members.member import Member
from portal.members.roles import Role
from portal.members.sign_ons import NotVouched, Vouched
from portal.sealing import KeyRing
from tests.members.bench import Staff
from tests.requirements import requirement
from tests.servers.ground import StillClock

ISSUER = "https://sign-in.stagelight.example"


@pytest.fixture
def chen(staff: Staff, clock: StillClock) -> Member:
    """A support agent."""
    return staff.hire("chen", Role.AGENT, now=clock())


@requirement("OPS-07")
def test_a_change_of_keys_ends_no_sign_on_and_loses_no_account(staff: Staff, chen: Member, clock: StillClock) -> None:
    newer = KeyRing({**staff.keys.masters, 2: KeyRing.fresh().masters[1]}, 2)
    vouched = Vouched(ISSUER, "chen-1", "chen@stagelight.example")
    with staff.database.write() as session:
        cookie, secrets = sign_ons.begin(session, staff.keys, now=clock())
        accounts.owner(session, staff.keys, vouched, now=clock())
    with staff.database.write() as session:
        assert sign_ons.spend(session, newer, cookie, secrets.state, now=clock()) == secrets
        assert accounts.owner(session, newer, vouched, now=clock()).id == chen.id
        with pytest.raises(NotVouched):
            accounts.owner(session, newer, Vouched(ISSUER, "chen-2", vouched.address), now=clock())
        with pytest.raises(NotVouched):
            accounts.owner(session, newer, Vouched("https://elsewhere.example", "chen-1", vouched.address), now=clock())


def test_the_database_holds_nothing_that_leads_anywhere(staff: Staff, chen: Member, clock: StillClock) -> None:
    with staff.database.write() as session:
        cookie, secrets = sign_ons.begin(session, staff.keys, now=clock())
        accounts.owner(session, staff.keys, Vouched(ISSUER, "chen-1", "chen@stagelight.example"), now=clock())
    with staff.database.read() as session:
        rows = str([session.execute(text(f"select * from {name}")).all() for name in ("sign_on", "company_account")])
    assert not any(secret in rows for secret in (cookie, secrets.state, secrets.nonce, secrets.verifier, "chen-1"))
    assert repr(secrets) == "Secrets()"
