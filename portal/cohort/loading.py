"""Loading: a sound roster becomes a revision, batch by batch in a draft, then all at once."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.clock import Clock
from portal.cohort import batches, contents, drafts
from portal.cohort.batches import Written
from portal.cohort.drafts import Draft
from portal.cohort.roster import ListChanged, Roster, entries
from portal.database import Database
from portal.incident.file import Incident
from portal.sealing import KeyRing

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Loader:
    """What a load needs: where to write, under which keys and incident, at what time, and in whose name."""

    database: Database
    keys: KeyRing
    incident: Incident
    clock: Clock
    operator: str

    def load(self, roster: Roster, progress: Progress, *, keep: bool = False) -> tuple[int, Written]:
        """The number of the new revision and what became of the list; `progress` hears of each batch.

        With `keep` it stays a draft that is whole, for somebody else to agree to.
        Raises DraftStands, DraftLost or ListChanged; then no answer has changed.
        """
        with self.database.write() as session:
            draft = drafts.start(
                session,
                self.incident,
                list_digest=roster.digest,
                accounts=roster.accounts,
                now=self.clock(),
                started_by=self.operator,
            )
        try:
            written = self._fill(draft, roster, progress)
        except (ListChanged, KeyboardInterrupt):
            drafts.discard(self.database, self.clock(), self.operator)
            raise
        held = contents.of_draft(self.database, draft.number) if keep else None
        with self.database.write() as session:
            if held:
                drafts.keep(session, draft, held.digest)
            else:
                drafts.commit(session, draft, self.clock())
        return draft.number, written

    def _fill(self, draft: Draft, roster: Roster, progress: Progress) -> Written:
        written = Written()
        for batch in batches.cut(entries(roster, self.incident)):
            with self.database.write() as session:
                written += batches.write(session, self.keys, draft, batch)
            progress(len(batch))
        return written
