"""The roster: a customer list that was read from top to bottom and found sound, before anything changes."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from gzip import BadGzipFile
from pathlib import Path

from portal import crew
from portal.cohort.entries import Entry, EntryReader, EntryRefused, Kind
from portal.cohort.faults import Faults, ListRefused
from portal.cohort.lists import Columns, CustomerList, Piece
from portal.cohort.repeats import Marks, Seen
from portal.cohort.spool import Sheet, Spool
from portal.cohort.tally import Tally
from portal.identity.customers import REFERENCE_INDEX
from portal.incident.file import Incident
from portal.sealing import KeyRing

CUT_OFF = (EOFError, BadGzipFile, zlib.error)


@dataclass(frozen=True)
class Roster:
    """A sound list: the SHA-256 of its bytes, what it says counted, and all that it says in the order of a key."""

    digest: str
    tally: Tally
    key_id: int
    spool: Spool = field(compare=False)

    @property
    def accounts(self) -> int:
        """How many accounts it lists."""
        return self.tally.accounts


@dataclass
class Found:
    """What one piece of a list says, counted, and in full by kinds and drawers."""

    marks: Marks = field(default_factory=Marks)
    kinds: dict[bytes, Kind] = field(default_factory=dict)
    drawers: dict[int, bytes] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True)
class Checking:
    """Reads pieces, in whichever process."""

    columns: Columns
    incident: Incident
    keys: KeyRing

    def __call__(self, piece: Piece) -> Found:
        """Everything that is right and wrong with a piece by itself."""
        found, sheet = Found(), Sheet()
        for line, entry in _entries(self.columns, self.incident, piece, found.faults):
            name = self.keys.mac(REFERENCE_INDEX, entry.kind.brand, entry.reference)
            sheet.add(name, entry)
            found.marks.add(line, name)
        for kind, accounts in sheet.counted():
            found.tally.add(kind.brand, kind.country, *kind.answer, accounts)
        found.kinds, found.drawers = sheet.kinds, sheet.packed()
        return found


def inspect(
    path: Path, incident: Incident, keys: KeyRing, expected: int | None = None, processes: int | None = None
) -> Roster:
    """Read everything, change nothing; raises ListRefused with what is wrong, line by line."""
    file, spool = CustomerList(path, incident.mapping.columns), Spool()
    if processes is None:
        processes = crew.size_for(path.stat().st_size)
    try:
        tally = _checked(file, Checking(file.columns(), incident, keys), processes, spool)
    except CUT_OFF:
        file.faults.add(file.line + 1, "the packed file is damaged, or was cut off")
        raise ListRefused(file.faults) from None
    if not file.faults.total and not tally.accounts:
        file.faults.add(file.line, "there is no account in this list")
    if not file.faults.total and expected not in (None, tally.accounts):
        file.faults.add(file.line, f"{tally.accounts:,} rows where {expected:,} are expected")
    file.faults.refuse_if_any()
    return Roster(file.digest, tally, keys.current, spool)


def _checked(file: CustomerList, checking: Checking, processes: int, spool: Spool) -> Tally:
    tally = Tally()
    with Seen() as seen:
        for found in crew.worked(checking, file.pieces(), processes):
            tally.join(found.tally)
            file.faults.join(found.faults)
            seen.note(found.marks)
            spool.add(found.kinds, found.drawers)
        for line, first in seen.repeats():
            file.faults.add(line, f"the same brand and reference as in line {first}")
    return tally


def _entries(columns: Columns, incident: Incident, piece: Piece, faults: Faults) -> Iterator[tuple[int, Entry]]:
    """The entries of a piece, each with its line; what is wrong goes to `faults`."""
    reader = EntryReader(incident)
    for line, row in columns.rows(piece, faults):
        try:
            yield line, reader.read(row)
        except EntryRefused as refusal:
            for reason in refusal.reasons:
                faults.add(line, reason)
