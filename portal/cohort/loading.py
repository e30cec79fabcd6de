"""Loading: a sound roster becomes a revision, piece by piece in a draft, then all at once."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from portal import crew
from portal.clock import Clock
from portal.cohort import batches, contents, drafts
from portal.cohort.batches import Written
from portal.cohort.drafts import Draft
from portal.cohort.lists import SIZE
from portal.cohort.pace import Pace
from portal.cohort.roster import Roster
from portal.cohort.sealed import Sealed, Sealing
from portal.database import Database
from portal.incident.file import Incident
from portal.sealing import KeyRing

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Loader:
    """What a load needs: where to write, under which keys and incident, at what time, and in whose name.

    `processes` seal beside this one; where nothing is said, as many as the list is worth.
    """

    database: Database
    keys: KeyRing
    incident: Incident
    clock: Clock
    operator: str
    processes: int | None = None

    def load(self, roster: Roster, progress: Progress, *, keep: bool = False) -> tuple[int, Written]:
        """The number of the new revision and what became of the list; `progress` hears of each batch.

        A load of this list that was interrupted goes on, and `progress` hears first how far it had come.
        With `keep` it stays a draft that is whole, for somebody else to agree to.
        Raises DraftStands or DraftLost; then no answer has changed.
        """
        with self.database.write() as session:
            draft = drafts.start(
                session,
                self.incident,
                list_digest=roster.digest,
                key_id=roster.key_id,
                accounts=roster.accounts,
                now=self.clock(),
                started_by=self.operator,
            )
        draft, written = self._fill(draft, roster, progress)
        held = contents.of_draft(self.database, draft.number) if keep else None
        with self.database.write() as session:
            if held:
                drafts.keep(session, draft, held.digest)
            else:
                drafts.commit(session, draft, self.clock())
        return draft.number, written

    def _fill(self, draft: Draft, roster: Roster, progress: Progress) -> tuple[Draft, Written]:
        written, processes = Written(before=draft.loaded), self.processes
        if processes is None:
            processes = crew.size_for(roster.spool.size)
        if draft.loaded:
            progress(draft.loaded)
        with self.database.read() as session:
            first = batches.is_first(session, draft)
        sealing = Sealing(self.keys, draft.number, self.database.is_sqlite, first, roster.spool.kinds)
        pace = Pace(SIZE)
        for sealed in crew.worked(sealing, roster.spool.sheets(draft.loaded), processes):
            for part in pace.parts(sealed):
                draft, done = self._write(draft, part, pace)
                written += done
                progress(len(part.answers))
        return draft, written

    def _write(self, draft: Draft, sealed: Sealed, pace: Pace) -> tuple[Draft, Written]:
        with self.database.write() as session:
            began = monotonic()
            draft, done = batches.write(session, draft, sealed)
        pace.note(monotonic() - began if self.database.is_sqlite else 0)  # nobody waits for PostgreSQL's writers
        self.database.rest()
        return draft, done
