"""Spool: what a checked list says, in a nameless file of TMPDIR until it is loaded, so that it is read but once."""

import pickle
from collections import Counter
from collections.abc import Iterator
from struct import Struct
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from weakref import finalize

from portal.cohort.entries import Entry, Kind

IN_MEMORY = 1_000_000  # bytes; beyond, it goes to a file that a crash leaves nothing of
HEAD = Struct(">II")  # how many bytes a sheet has, and how many rows

# The place of its kind, its reference, and its address as it is stored and as it is compared.
Row = tuple[int, str, str, str]


class Sheet:
    """What one piece of a list says; what many rows have in common is said once."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._places: dict[Kind, int] = {}

    def add(self, entry: Entry) -> None:
        """Note one account."""
        place = self._places.setdefault(entry.kind, len(self._places))
        self.rows.append((place, entry.reference, entry.address.stored, entry.address.canonical))

    def counted(self) -> Iterator[tuple[Kind, int]]:
        """Each kind, and how many accounts are of it."""
        kinds = list(self._places)
        for place, accounts in Counter(row[0] for row in self.rows).items():
            yield kinds[place], accounts

    def packed(self) -> bytes:
        """As it travels."""
        return pickle.dumps((list(self._places), self.rows), pickle.HIGHEST_PROTOCOL)


def unpacked(sheet: bytes) -> tuple[list[Kind], list[Row]]:
    """The kinds and the rows of a sheet that we packed ourselves."""
    kinds, rows = pickle.loads(sheet)  # noqa: S301 (it lay in a file that has no name)
    return kinds, rows


class Spool:
    """The sheets of one list, in their order; gone with whoever holds it."""

    def __init__(self) -> None:
        self.size = 0
        self._file = cast(BinaryIO, SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 (closed below)
        finalize(self, self._file.close)

    def add(self, sheet: bytes, rows: int) -> None:
        """Keep one more."""
        self.size += self._file.write(HEAD.pack(len(sheet), rows)) + self._file.write(sheet)
        self._file.flush()  # a full disk is met here, before anything changes

    def sheets(self, after: int) -> Iterator[tuple[bytes, int]]:
        """All sheets but those of the first so many rows, each with how many of its own are among these."""
        self._file.seek(0)
        while head := self._file.read(HEAD.size):
            size, rows = HEAD.unpack(head)
            sheet = self._file.read(size)
            if after < rows:
                yield sheet, after
            after = max(0, after - rows)
