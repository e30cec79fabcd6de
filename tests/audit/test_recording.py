"""What is recorded of a customer's way: each step once, in the vocabulary, by pseudonyms only."""

import re
from collections.abc import Callable

from sqlalchemy import select

from portal.audit.events import Event
from portal.audit.trail import AuditEvent, AuditSeal
from portal.database import Database
from portal.sealing import KeyRing
from tests import cast
from tests.requirements import requirement
from tests.visitor import Visitor

PSEUDONYM = re.compile(r"[0-9a-z]{20}|(?:account:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|revision \d+|unnamed")


def events(database: Database) -> list[AuditEvent]:
    with database.read() as session:
        return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


def walk(visitor: Visitor) -> list[str]:
    """Amara's way with a wrong code, and the ways of a stranger; returns every secret that she met."""
    visitor.ask(cast.AMARA.address)
    letter = visitor.letter(cast.AMARA.address)
    visitor.post("/v", {"public_id": letter.public_id, "code": "ZZZZ-ZZZZ"})
    visitor.follow(letter)
    visitor.get("/status")
    visitor.act("/status", "/leave")
    visitor.ask(cast.FATOU.address)
    visitor.ask(cast.FATOU.address)
    visitor.work()
    return [letter.token, letter.stop_token, letter.code, letter.code.replace("-", "")]


@requirement("ENG-01")
def test_each_step_is_recorded_once(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    walk(visitor)
    kinds = [event.kind for event in events(database)]
    assert kinds.count(Event.RESULT_SHOWN) == 2 * len(cast.AMARA.accounts)  # she opened the page twice
    assert [kind for kind in kinds if kind != Event.RESULT_SHOWN and not kind.startswith("reset:")] == [
        Event.LINK_MINTED,
        Event.LINK_SENT,
        Event.PROOF_REFUSED,
        Event.VISIT_OPENED,
        Event.VISIT_LEFT,
        Event.UNKNOWN_ANSWERED,
        Event.LINK_DROPPED,
        Event.LINK_DROPPED,
    ]


@requirement("OPS-01")
@requirement("ENG-01")
def test_no_event_holds_an_address_or_a_secret(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    secrets = walk(visitor)
    written = [f"{event.kind} {event.actor} {event.subject} {event.details}" for event in events(database)]
    assert written
    for secret in ("amara", "fatou", "@", *secrets):
        assert not [line for line in written if secret in line]
    assert not [event.subject for event in events(database) if not PSEUDONYM.fullmatch(event.subject)]


@requirement("ENG-01")
def test_the_worker_seals_what_was_recorded(
    visitor: Visitor, database: Database, keys: KeyRing, work: Callable[[], None]
) -> None:
    cast.settle(database, keys)
    walk(visitor)
    work()
    with database.read() as session:
        assert len(session.scalars(select(AuditSeal)).all()) == len(events(database))


@requirement("ENG-01")
def test_what_was_refused_by_a_fault_is_not_recorded(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    before = len(events(database))
    visitor.post("/v", {"public_id": ["a", "b"], "token": "x"})
    visitor.get("/v")
    visitor.get("/status")
    assert len(events(database)) == before
