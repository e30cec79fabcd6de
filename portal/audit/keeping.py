"""Keeping: the worker's side of the trail; it seals a second's events at once, and anchors the chain every hour."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from portal.audit import anchors, chain, trail
from portal.audit.anchors import Anchor
from portal.clock import Clock
from portal.database import Database
from portal.sealing import KeyRing

log = structlog.get_logger()


@dataclass
class Keeping:
    """One worker's keeping, with the trail's own keys and the folder of its anchors."""

    database: Database
    keys: KeyRing
    folder: Path
    clock: Clock

    def seal(self) -> bool:
        """Seal what waits, one batch at most, and note the chain's end; False where that was all."""
        with self.database.write() as session:
            count = trail.seal(session, self.keys)
            head = anchors.head(session, self.keys, now=self.clock()) if count else None
        if head:
            anchors.note(self.folder, head)
        return count == trail.BATCH

    def anchor(self) -> bool:
        """Write the hour's anchor if there are new entries; there is never more to do.

        Where the chain no longer holds what the last anchor says, it cries and writes none.
        """
        last, now = self.last(), self.clock()
        if last and hour(last.moment) >= hour(now):
            return False
        with self.database.read() as session:
            head = anchors.head(session, self.keys, now=now)
            holds = last is None or chain.mac_at(session, last.sequence) == last.mac
        if not holds:
            log.error("trail:broken", entry=last.sequence if last else 0)
        elif head and (last is None or head.sequence > last.sequence):
            anchors.append(self.folder, head)
        return False

    def last(self) -> Anchor | None:
        """The last anchor of the folder that this trail's keys have signed."""
        found = anchors.last(self.folder)
        return found if found and found.is_ours(self.keys) else None


def hour(moment: datetime) -> int:
    """The number of a moment's hour, counted from 1970."""
    return int(moment.timestamp()) // 3600
