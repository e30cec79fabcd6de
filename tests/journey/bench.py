"""The journey's bench: later revisions of what the cast was told."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from portal.audit.trail import AuditEvent
from portal.cohort.exposures import Exposure
from portal.database import Database
from portal.incident.revisions import COMMITTED, Revision
from tests.cast import FIRST_DAY


def revise(database: Database, number: int, result: str, categories: Iterable[str] = ()) -> None:
    """Let a later revision tell every account something else."""
    digest = hashlib.sha256(b"{}").hexdigest()
    then = FIRST_DAY + timedelta(days=number - 1)
    with database.write() as session:
        revision = Revision(number=number, state=COMMITTED, file_digest=digest, list_digest=digest, accounts=1)
        revision.started_at = revision.committed_at = then
        revision.started_by = "operator"
        session.add(revision)
        session.flush()
        told = session.scalars(select(Exposure.customer_id).where(Exposure.until_revision.is_(None))).all()
        session.execute(update(Exposure).where(Exposure.until_revision.is_(None)).values(until_revision=number))
        for customer in told:
            answer = Exposure(customer_id=customer, from_revision=number, result=result)
            answer.categories = ",".join(sorted(categories))
            session.add(answer)


def shown(database: Database) -> list[dict[str, Any]]:
    """What the trail says of answers that were shown."""
    with database.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.kind == "result:shown").order_by(AuditEvent.id))
        return [{"actor": event.actor, "subject": event.subject, **event.details} for event in events]


def words(page: str) -> str:
    """A page as one line of text."""
    return " ".join(page.split())
