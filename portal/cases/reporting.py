"""Reporting: what the worker does to let the help desk hear of each step of a case, in order, at least once."""

import json
from dataclasses import dataclass

import structlog

from portal.cases import notices
from portal.cases.helpdesk import Helpdesk, NotHeard
from portal.clock import Clock
from portal.database import Database

log = structlog.get_logger()


@dataclass(frozen=True)
class Reporting:
    """One worker's reporting; what is posted is posted outside of any transaction."""

    database: Database
    helpdesk: Helpdesk
    clock: Clock

    def look(self) -> bool:
        """Whether there is anything to tell."""
        with self.database.read() as session:
            return notices.is_any_due(session, now=self.clock())

    def step(self) -> bool:
        """Tell the next steps; whether there may be more. Where nobody hears, the same are told later."""
        with self.database.write() as session:
            batch = notices.take(session, now=self.clock())
        if batch is None:
            return False
        body = json.dumps({"steps": batch.steps}, separators=(",", ":")).encode()
        try:
            if batch.steps:
                self.helpdesk.tell(f"cases-{batch.after}", body, now=self.clock())
        except NotHeard as refusal:
            log.warning("helpdesk:unheard", why=str(refusal), steps=len(batch.steps))
            return False
        with self.database.write() as session:
            notices.heard(session, batch, now=self.clock())
        return True
