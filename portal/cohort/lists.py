"""A customer list: a CSV file in UTF-8 (RFC 4180), read strictly and once from top to bottom, piece by piece."""

import csv
import gzip
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from portal.cohort.faults import Faults

SIZE = 2_000  # records of a piece: enough for one flush to disk
LONGEST = 1_000_000  # bytes of a line; a file without line breaks is not held in memory
NEVER_CLOSED = "unexpected end of data"  # as the csv module says it

Row = dict[str, str]


@dataclass(frozen=True)
class Piece:
    """Whole records of a list as they stand in the file: the line where they begin, and their bytes."""

    line: int
    raw: bytes


@dataclass(frozen=True)
class Columns:
    """Where a list has the columns that we want, and how many columns it has in all."""

    places: dict[str, int]
    width: int

    def rows(self, piece: Piece, faults: Faults) -> Iterator[tuple[int, Row]]:
        """Each sound row of a piece with the line where it begins; what is wrong goes to `faults`."""
        places = self.places.items()
        for line, cells in _records(piece, faults):
            if len(cells) == self.width:
                yield line, {name: cells[place] for name, place in places}
            else:
                faults.add(line, _shape(len(cells), self.width))


class CustomerList:
    """The rows of a file under the columns that we want; what is wrong goes to `faults`."""

    def __init__(self, path: Path, wanted: Sequence[str]) -> None:
        self.faults = Faults()
        self.line = 0
        self._path = path
        self._wanted = wanted
        self._digest = sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that were read, in hex."""
        return self._digest.hexdigest()

    def header(self) -> list[str]:
        """The names of all columns; raises ListRefused if one that we want is not there."""
        with _opened(self._path) as file:
            piece = next(_cut(file, 1), Piece(1, b""))
        _, header = next(_records(piece, self.faults), (1, []))
        self._check_header(header)
        self.faults.refuse_if_any()
        return header

    def columns(self) -> Columns:
        """Where the columns are; raises as `header`."""
        header = self.header()
        return Columns({name: header.index(name) for name in self._wanted}, len(header))

    def pieces(self) -> Iterator[Piece]:
        """All records below the first line."""
        raw = b"\n"
        with _opened(self._path) as file:
            for number, piece in enumerate(_cut(file, 1, SIZE)):
                raw = piece.raw
                self._digest.update(raw)
                self.line = piece.line - 1 + raw.count(b"\n") + (not raw.endswith(b"\n"))
                if number:
                    yield piece
        if not raw.endswith(b"\n"):
            ends = "the file ends within this line: it was cut off, or a last line break is missing"
            self.faults.add(self.line, ends)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each sound row with the line where it begins; raises ListRefused if the header does not fit."""
        columns = self.columns()
        for piece in self.pieces():
            yield from columns.rows(piece, self.faults)

    def _check_header(self, header: list[str]) -> None:
        if not header:
            self.faults.add(1, "the file is empty, or its first line is")
            return
        for name in self._wanted:
            if header.count(name) != 1:
                wrong = "is missing" if name not in header else "is there more than once"
                self.faults.add(1, f"the column “{name}” {wrong}")


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


class _Tape:
    """The lines of a file one by one, and as bytes those that were not cut off yet."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = iter(partial(file.readline, LONGEST), b"")
        self.held: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        for raw in self._lines:
            self.held.append(raw)
            # Quotes and commas are the same bytes in UTF-8 and in Latin-1, which cannot fail.
            yield raw.removeprefix(BOM_UTF8).decode("latin-1")


def _cut(file: BinaryIO, *sizes: int) -> Iterator[Piece]:
    """The file in pieces of so many records, the last size for all that follow."""
    tape, line = _Tape(file), 1
    reader = csv.reader(tape, strict=True)
    for turn in range(2**62):
        _skip(reader, tape, sizes[min(turn, len(sizes) - 1)])
        if not tape.held:
            return
        yield Piece(line, b"".join(tape.held))
        line += len(tape.held)
        tape.held.clear()


def _skip(reader: Iterator[list[str]], tape: _Tape, size: int) -> None:
    """Go so many records further, fewer at the end or where many lines are broken."""
    while (left := size - len(tape.held)) > 0:
        try:
            deque(islice(reader, left), maxlen=0)
            break
        except csv.Error:
            pass  # whoever reads the piece tells of it


def _records(piece: Piece, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(_text(piece, faults), newline="\n"), strict=True)
    while True:
        line = piece.line + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            never = str(error) == NEVER_CLOSED
            faults.add(line, "a quote that is never closed" if never else "a quote or line break out of place")
        else:
            yield line, cells


def _text(piece: Piece, faults: Faults) -> str:
    raw = piece.raw.removeprefix(BOM_UTF8) if piece.line == 1 else piece.raw
    if b"\0" not in raw:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            pass
    return "\n".join(_mended(line, part, faults) for line, part in enumerate(raw.split(b"\n"), piece.line))


def _mended(line: int, raw: bytes, faults: Faults) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        faults.add(line, "not UTF-8; export the list in UTF-8")
        return raw.decode(errors="replace")
    if "\0" in text:
        faults.add(line, "a NUL; is this a list in UTF-8?")
    return text


def _shape(cells: int, wanted: int) -> str:
    return f"{cells} columns where the header has {wanted}" if cells else "an empty line"
