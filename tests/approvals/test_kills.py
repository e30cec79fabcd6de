"""kill -9 in the middle of what two people agreed on: nothing of it was done, and then it is done once."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.approvals import deciding, proposals
from portal.approvals.carrying import Carrying
from portal.approvals.kinds import Actor
from portal.audit.trail import AuditEvent
from portal.config import ROOT
from portal.database import Database
from portal.mail.outbox import Letter
from portal.members import passkeys, recovery
from portal.members.door import RECOVERY
from portal.members.member import Member
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN, Staff
from tests.requirements import requirement
from tests.servers.databases import url_of

pytestmark = requirement("ENG-01")


@pytest.fixture
def chen(database: Database, keys: KeyRing) -> Member:
    """A member with a passkey, of whom two others agreed that she begins anew."""
    staff, now = Staff(database, keys), datetime.now(UTC)
    person = staff.hire("chen", Role.AGENT, now=now)
    staff.equip(person, Authenticator(), now=now)
    dilys, emre = (
        Actor(f"member:{name}", frozenset({role}), now) for name, role in (("d", "admin"), ("e", "approver"))
    )
    with database.write() as session:
        payload = recovery.payload_of(session, person)
        held = proposals.propose(session, RECOVERY, payload, actor=dilys, reason="device-lost", now=now)
        said = {"seen": held.digest, "reason": "contents-checked"}
        deciding.approve(session, RECOVERY, held.id, actor=emre, now=now, **said)
    return person


def standing(database: Database, person: Member) -> tuple[list[str], int, int, int]:
    """How proposals stand, how many passkeys and letters there are, and how often the trail says that it is done."""
    with database.read() as session:
        states = [held.state for held in proposals.latest(session)]
        kinds = Counter(session.scalars(select(AuditEvent.kind)))
        letters = len(session.scalars(select(Letter.id)).all())
        return states, len(passkeys.of(session, person)), letters, kinds["proposal:done"] + kinds["member:recovered"]


@requirement("STF-05", "ENG-03")
def test_a_worker_killed_halfway_did_nothing_and_the_next_one_does_it_once(
    database: Database, keys: KeyRing, chen: Member, tmp_path: Path
) -> None:
    (tmp_path / "keys.json").write_text(keys.written())
    command = [sys.executable, "-m", "tests.approvals.carry", url_of(database), str(tmp_path / "keys.json")]

    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "halfway\n"
        worker.kill()
    assert standing(database, chen) == (["APPROVED"], 1, 0, 0)
    acts = {recovery.KIND: recovery.Recovering(database, keys, ORIGIN)}
    following = Carrying(database, lambda: datetime.now(UTC), acts)
    assert [following.step(), following.step()] == [True, False]
    assert standing(database, chen) == (["DONE"], 0, 1, 2)
