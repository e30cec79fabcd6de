"""The roster: a customer list that was read from top to bottom and found sound, before anything changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from portal.cohort.entries import Entry, EntryReader, EntryRefused
from portal.cohort.faults import ListRefused
from portal.cohort.lists import CustomerList
from portal.cohort.tally import Tally
from portal.incident.file import Incident


class ListChanged(Exception):
    """The file is not the one that was checked a moment ago."""


@dataclass(frozen=True)
class Roster:
    """A sound list: where it lies, the SHA-256 of its bytes, and what it says."""

    path: Path
    digest: str
    tally: Tally

    @property
    def accounts(self) -> int:
        """How many accounts it lists."""
        return self.tally.accounts


def inspect(path: Path, incident: Incident, expected: int | None = None) -> Roster:
    """Pass one: read everything, change nothing; raises ListRefused with what is wrong, line by line."""
    file = CustomerList(path, incident.mapping.columns)
    tally = Tally()
    for entry in _entries(file, incident):
        tally.add(entry.brand, entry.country, entry.answer.result, entry.answer.categories)
    if not file.faults.total and not tally.accounts:
        file.faults.add(file.line, "there is no account in this list")
    if not file.faults.total and expected not in (None, tally.accounts):
        file.faults.add(file.line, f"{tally.accounts:,} rows where {expected:,} are expected")
    file.faults.refuse_if_any()
    return Roster(path, file.digest, tally)


def entries(roster: Roster, incident: Incident) -> Iterator[Entry]:
    """Pass two: the entries once more; raises ListChanged if the file is another one by now."""
    file = CustomerList(roster.path, incident.mapping.columns)
    try:
        yield from _entries(file, incident)
    except ListRefused:
        raise ListChanged from None
    if file.digest != roster.digest:
        raise ListChanged


def _entries(file: CustomerList, incident: Incident) -> Iterator[Entry]:
    reader, seen = EntryReader(incident), Seen()
    for line, row in file.rows():
        try:
            entry = reader.read(row)
        except EntryRefused as refusal:
            for reason in refusal.reasons:
                file.faults.add(line, reason)
            continue
        if first := seen.before(entry, line):
            file.faults.add(line, f"the same brand and reference as in line {first}")
        else:
            yield entry


class Seen:
    """Which accounts a list has named so far, and where; 16 bytes of digest each, for long lists."""

    def __init__(self) -> None:
        self._lines: dict[bytes, int] = {}

    def before(self, entry: Entry, line: int) -> int | None:
        """The line that named this account before, if one did."""
        account = blake2b(f"{entry.brand}\0{entry.reference}".encode(), digest_size=16).digest()
        first = self._lines.setdefault(account, line)
        return None if first == line else first
