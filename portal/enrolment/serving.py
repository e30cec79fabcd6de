"""Serving: what the worker does for those who wait for a code, and for those who should order more."""

from dataclasses import dataclass

from portal.clock import Clock
from portal.database import Database
from portal.enrolment import correspondence, giving, pools
from portal.enrolment.standing import today
from portal.incident.file import Incident
from portal.sealing import KeyRing


@dataclass
class Serving:
    """One worker's serving; each code in a transaction of its own, with the letter about it."""

    database: Database
    keys: KeyRing
    incident: Incident
    clock: Clock

    def look(self) -> bool:
        """Whether a step would give a code."""
        with self.database.read() as session:
            return giving.can_serve(session, day=today(self.incident, self.clock()))

    def step(self) -> bool:
        """Give one code to whoever waits longest, and queue the letter; False where none can be given."""
        now = self.clock()
        with self.database.write() as session:
            grant = giving.serve(session, day=today(self.incident, now), now=now)
            if grant:
                correspondence.announce(session, self.keys, grant, now=now)
        return grant is not None

    def watch(self) -> bool:
        """Raise the alarm where few codes are left; there is never more to do."""
        now = self.clock()
        with self.database.write() as session:
            pools.alarm(session, day=today(self.incident, now), now=now)
        return False
