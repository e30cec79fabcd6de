"""The roster: a customer list that was read from top to bottom and found sound, before anything changes."""

import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from gzip import BadGzipFile
from pathlib import Path

from portal import crew
from portal.cohort.entries import Entry, EntryReader, EntryRefused
from portal.cohort.faults import Faults, ListRefused
from portal.cohort.lists import Columns, CustomerList, Piece
from portal.cohort.repeats import Marks, Seen
from portal.cohort.tally import Tally
from portal.incident.file import Incident

CUT_OFF = (EOFError, BadGzipFile, zlib.error)


class ListChanged(Exception):
    """The file is not the one that was checked a moment ago."""


@dataclass(frozen=True)
class Roster:
    """A sound list: where it lies, its columns, the SHA-256 of its bytes, and what it says."""

    path: Path
    columns: Columns
    digest: str
    tally: Tally

    @property
    def accounts(self) -> int:
        """How many accounts it lists."""
        return self.tally.accounts

    def pieces(self, after: int) -> Iterator[Piece]:
        """Its pieces once more, without those of so many accounts; raises ListChanged if it is another by now."""
        file = CustomerList(self.path, tuple(self.columns.places))
        for piece in file.pieces():
            after -= piece.records
            if after < 0:
                yield piece
        if file.digest != self.digest:
            raise ListChanged


@dataclass
class Found:
    """What one piece of a list says."""

    marks: Marks
    tally: Tally = field(default_factory=Tally)
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True)
class Checking:
    """Reads pieces, in whichever process."""

    columns: Columns
    incident: Incident
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def __call__(self, piece: Piece) -> Found:
        """Everything that is right and wrong with a piece by itself."""
        found = Found(Marks(self.salt))
        for line, entry in entries(self.columns, self.incident, piece, found.faults):
            found.tally.add(entry.brand, entry.country, entry.answer.result, entry.answer.categories)
            found.marks.add(line, entry.brand, entry.reference)
        return found


def inspect(path: Path, incident: Incident, expected: int | None = None, processes: int | None = None) -> Roster:
    """Pass one: read everything, change nothing; raises ListRefused with what is wrong, line by line."""
    file = CustomerList(path, incident.mapping.columns)
    if processes is None:
        processes = crew.size_for(path.stat().st_size)
    try:
        columns = file.columns()
        tally = _checked(file, Checking(columns, incident), processes)
    except CUT_OFF:
        file.faults.add(file.line + 1, "the packed file is damaged, or was cut off")
        raise ListRefused(file.faults) from None
    if not file.faults.total and not tally.accounts:
        file.faults.add(file.line, "there is no account in this list")
    if not file.faults.total and expected not in (None, tally.accounts):
        file.faults.add(file.line, f"{tally.accounts:,} rows where {expected:,} are expected")
    file.faults.refuse_if_any()
    return Roster(path, columns, file.digest, tally)


def _checked(file: CustomerList, checking: Checking, processes: int) -> Tally:
    tally = Tally()
    with Seen() as seen:
        for found in crew.worked(checking, file.pieces(), processes):
            tally.join(found.tally)
            file.faults.join(found.faults)
            seen.note(found.marks)
        for line, first in seen.repeats():
            file.faults.add(line, f"the same brand and reference as in line {first}")
    return tally


def entries(columns: Columns, incident: Incident, piece: Piece, faults: Faults) -> Iterator[tuple[int, Entry]]:
    """The entries of a piece, each with its line; what is wrong goes to `faults`."""
    reader = EntryReader(incident)
    for line, row in columns.rows(piece, faults):
        try:
            yield line, reader.read(row)
        except EntryRefused as refusal:
            for reason in refusal.reasons:
                faults.add(line, reason)
