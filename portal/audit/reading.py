"""Reading the trail: its newest entries first, by kind, actor, subject and day."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.trail import AuditEvent, AuditSeal

PAGE = 50


@dataclass(frozen=True)
class Search:
    """What is looked for; nothing named is everything."""

    kind: str = ""
    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None

    @property
    def words(self) -> dict[str, str]:
        """What the trail keeps of this look."""
        told = {"what": self.kind, "by": self.actor, "about": self.subject}
        day = {"since": self.since.isoformat()} if self.since else {}
        return {name: value for name, value in (told | day).items() if value}


@dataclass(frozen=True)
class Entry:
    """An event, and its place in the chain if it was sealed already."""

    event: AuditEvent
    sequence: int | None


def entries(session: Session, search: Search, *, limit: int = PAGE) -> list[Entry]:
    """The newest entries that fit, exactly as they were written."""
    found = select(AuditEvent, AuditSeal.sequence).outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
    exact = {AuditEvent.kind: search.kind, AuditEvent.actor: search.actor, AuditEvent.subject: search.subject}
    found = found.where(*(column == value for column, value in exact.items() if value))
    if search.since and search.until:
        found = found.where(AuditEvent.at >= search.since, AuditEvent.at < search.until)
    if search.before is not None:
        found = found.where(AuditEvent.id < search.before)
    return [Entry(*row) for row in session.execute(found.order_by(AuditEvent.id.desc()).limit(limit))]
