"""Several workers share the queue and the trail, and nobody is written to twice."""

from collections import Counter

from sqlalchemy import select

from portal.audit import chain
from portal.audit.events import Event
from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.mail import outbox
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.relay import Relay
from tests.servers.waiting import until
from tests.work.conftest import Nursery, Queue

WORKERS, CUSTOMERS = 3, 60


@requirement("EML-09")
@requirement("ENG-01")
def test_no_letter_is_written_or_sent_twice(
    nursery: Nursery, queue: Queue, relay: Relay, database: Database, audit_keys: KeyRing
) -> None:
    queue.fill(CUSTOMERS)
    for _ in range(WORKERS):
        nursery.worker()
    until(queue.is_done, "the workers send everything", seconds=40)
    letters = queue.letters().values()
    assert Counter(received.recipients for received in relay.letters).most_common(1)[0][1] == 1
    assert len(relay.letters) == len(letters) == CUSTOMERS
    assert {(letter.state, letter.takes, letter.possibly_repeated) for letter in letters} == {(outbox.SENT, 1, False)}
    with database.read() as session:
        kinds = Counter(session.scalars(select(AuditEvent.kind)))
        assert list(chain.faults(session, audit_keys)) == []
    del kinds[Event.RESET_OWED]
    assert kinds == {Event.LINK_MINTED: CUSTOMERS, Event.LINK_SENT: CUSTOMERS}
