"""A customer list: a CSV file in UTF-8 (RFC 4180), read strictly and once from top to bottom."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from portal.cohort.faults import Faults

NEVER_CLOSED = "unexpected end of data"  # as the csv module says it
CUT_OFF = "the file ends within this line: it was cut off, or only the last line break is missing"

Row = dict[str, str]


class CustomerList:
    """The rows of a file under the columns that we want; what is wrong goes to `faults`."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.faults = Faults()
        self.line = 0
        self._path = path
        self._columns = columns
        self._digest = sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that were read, in hex."""
        return self._digest.hexdigest()

    def header(self) -> list[str]:
        """The names of all columns; raises ListRefused if one that we want is missing."""
        return self._begin(self._records())

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each sound row with the line where it begins; raises ListRefused if the header does not fit."""
        records = self._records()
        header = self._begin(records)
        places = {name: header.index(name) for name in self._columns}
        for line, cells in records:
            if len(cells) == len(header):
                yield line, {name: cells[place] for name, place in places.items()}
            else:
                self.faults.add(line, _shape(len(cells), len(header)))

    def _begin(self, records: Iterator[tuple[int, list[str]]]) -> list[str]:
        _, header = next(records, (1, []))
        self._check_header(header)
        self.faults.refuse_if_any()
        return header

    def _check_header(self, header: list[str]) -> None:
        if not header:
            self.faults.add(1, "the file is empty, or its first line is")
            return
        for name in self._columns:
            if header.count(name) != 1:
                wrong = "is missing" if name not in header else "is there more than once"
                self.faults.add(1, f"the column “{name}” {wrong}")

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self._lines(), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                never = str(error) == NEVER_CLOSED
                self.faults.add(line, "a quote that is never closed" if never else "a quote or line break out of place")
            else:
                yield line, cells

    def _lines(self) -> Iterator[str]:
        raw = b"\n"
        with _opened(self._path) as file:
            for self.line, raw in enumerate(file, 1):
                self._digest.update(raw)
                yield self._decoded(raw)
        if not raw.endswith(b"\n"):
            self.faults.add(
                self.line, "the file ends within this line: it was cut off, or a last line break is missing"
            )

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode("utf-8-sig" if self.line == 1 else "utf-8")
        except UnicodeDecodeError:
            self.faults.add(self.line, "not UTF-8; export the list in UTF-8")
            return raw.decode(errors="replace")
        if "\0" in text:
            self.faults.add(self.line, "a NUL; is this a list in UTF-8?")
        return text


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _shape(cells: int, wanted: int) -> str:
    return f"{cells} columns where the header has {wanted}" if cells else "an empty line"
