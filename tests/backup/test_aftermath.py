"""After a restore nothing goes on as if no time had passed: links, visits, codes, letters, and what the gate told."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.enrolment import codes, pools
from portal.enrolment.codes import Code
from portal.gate import feed
from portal.gate.feed import GateFeed
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from tests import cast
from tests.backup.conftest import Say
from tests.enrolment.bench import LAST_DAY, some_codes, stock_up
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import MORNING

pytestmark = [requirement("OPS-07"), requirement("ENG-01"), requirement("ENG-03")]


@pytest.fixture
def restored(
    newcomer: Newcomer, say: Say, database: Database, empty: Database, keys: KeyRing, tmp_path: Path
) -> Database:
    """A database that came back, with somebody in a visit, a letter in the queue, a link in a mailbox, three codes."""
    stock_up(database, keys, some_codes(3))
    newcomer("10.1.0.1").arrive(cast.AMARA.address)
    bo = newcomer("10.2.0.1")
    bo.ask(cast.BO.address)
    bo.letter(cast.BO.address)
    with database.write() as session:
        session.add(GateFeed(id=1, last=5_000))
        sent = session.scalars(select(Letter).where(Letter.state == "SENT")).first()
        assert sent
        row = {
            name: getattr(sent, name) for name in ("about", "origin", "locale", "mailbox", "to_sealed", "message_id")
        }
        session.add(Letter(kind="link", priority=0, created_at=MORNING, due_at=MORNING, **row))
    assert say("create", tmp_path / "backups").exit_code == 0
    (made,) = (tmp_path / "backups").iterdir()
    said = say("restore", made, "--for-real", database=empty)
    assert said.exit_code == 0, said.output
    assert "Letters that may go out a second time: 1." in said.output
    assert "as one may be somebody's: 1." in said.output
    return empty


def free(database: Database) -> int:
    """How many codes could be given."""
    with database.read() as session:
        live = session.scalars(pools.LIVE, {"offer": "monitoring", "day": LAST_DAY}).all()
        return session.scalar(select(func.count(Code.id)).where(Code.pool_id.in_(live), Code.grant_id.is_(None))) or 0


def test_nothing_is_spent_or_given_a_second_time_unmarked(restored: Database) -> None:
    with restored.read() as session:
        assert session.scalars(select(LinkRequest.state).where(LinkRequest.state == "SENT")).all() == []
        assert session.scalars(select(Visit.id).where(Visit.ended_at.is_(None))).all() == []
        assert session.scalars(select(Letter.possibly_repeated).where(Letter.state == "QUEUED")).all() == [True]
        told = session.scalars(select(AuditEvent.details).where(AuditEvent.kind == "backup:restored")).all()
    assert told == [{"letters": 1, "pools": 1}]
    assert free(restored) == 0


def test_halted_pools_go_on_without_the_codes_that_are_used(restored: Database, say: Say, tmp_path: Path) -> None:
    (used := tmp_path / "used.csv").write_text("code\n" + some_codes(3)[1].lower() + "\n")
    said = say("resume", "--used", used, group="codes", database=restored)
    assert said.exit_code == 0, said.output
    assert free(restored) == 0
    said = say("resume", "--used", used, "--for-real", group="codes", database=restored)
    assert said.exit_code == 0, said.output
    assert "Resumed: 1 pool and 1 used code of theirs removed." in said.output
    assert free(restored) == 2
    with restored.read() as session:
        assert codes.known(session, KeyRing.fresh(), []) == set()
        assert session.scalars(select(AuditEvent.details).where(AuditEvent.kind == "codes:resumed")).all() == [
            {"removed": 1}
        ]


def test_places_in_the_feed_that_were_told_after_the_backup_are_not_given_again(restored: Database) -> None:
    with restored.read() as session:
        assert not feed.was_told(session, 5_001)
        assert feed.last(session) == feed.ERA
