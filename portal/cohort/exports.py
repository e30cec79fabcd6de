"""Exports: files of customers or of purchases, CSV or Parquet, packed or not, as one relation of the query engine."""

import zlib
from collections.abc import Iterator, Sequence
from os import SEEK_END
from pathlib import Path

from portal.cohort.engine import Engine, QueryFailed
from portal.cohort.faults import Faults, ListRefused
from portal.cohort.lists import CustomerList
from portal.cohort.sql import name, word, words

CSV = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', strict_mode = true"
PARQUET = "binary_as_string = true, hive_partitioning = false"
BROKEN = (EOFError, OSError, zlib.error)
WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
WHOLE = {sign + size for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")}


class ExportRefused(Exception):
    """Exports that are not taken, as a whole; holds what is wrong by file."""

    def __init__(self, faults: dict[str, Faults]) -> None:
        self.faults = faults
        super().__init__("".join(f"\n{file}:{ListRefused(found)}" for file, found in faults.items()))


class Export:
    """All files of one kind, in the order of their names."""

    def __init__(self, patterns: Sequence[str], columns: Sequence[str]) -> None:
        self.columns = columns
        named = {pattern: sorted(files_of(pattern)) for pattern in patterns}
        self.files = list(dict.fromkeys(file for files in named.values() for file in files))
        empty = {pattern: Faults() for pattern, files in named.items() if not files}
        for faults in empty.values():
            faults.add(0, "there is no such file")
        if empty:
            raise ExportRefused(empty)

    def relation(self, engine: Engine) -> str:
        """The query that reads all files; raises ExportRefused if a column is missing."""
        return " UNION ALL ".join(self._read(shape, files) for shape, files in self._parts(engine).items())

    def is_whole(self, engine: Engine, column: str) -> bool:
        """Whether a column holds whole numbers in every file."""
        described = engine.ask(f"DESCRIBE SELECT {name(column)} FROM ({self.relation(engine)})")
        return described[0][1] in WHOLE

    def in_order(self, engine: Engine) -> list[Path]:
        """The files as the relation reads them, one after the other."""
        return [file for files in self._parts(engine).values() for file in files]

    def relation_of(self, engine: Engine, file: Path) -> str:
        """The query that reads one of the files."""
        return self._read(self._shape(engine, file), [file])

    def is_cut_off(self) -> bool:
        """Whether a file ends within a line, which the engine does not mind; a packed one knows its own end."""
        return any(_ends_early(file) for file in self.files if not is_parquet(file) and file.suffix != ".gz")

    def faults_of_shape(self) -> dict[str, Faults]:
        """What is wrong with the files as CSV, read slowly; never what stands in the cells."""
        found = {str(file): self._walk(file) for file in self.files if not is_parquet(file)}
        return {file: faults for file, faults in found.items() if faults.total}

    def lines(self, file: Path) -> Iterator[int]:
        """The line where each row of a sound file begins; of Parquet, the number of the row."""
        if is_parquet(file):
            return iter(range(1, 1 << 62))
        return (line for line, _ in CustomerList(file, self.columns).rows())

    def _parts(self, engine: Engine) -> dict[tuple[str, ...], list[Path]]:
        """The files by shape, so that files of one shape are read at once."""
        parts: dict[tuple[str, ...], list[Path]] = {}
        refused: dict[str, Faults] = {}
        for file in self.files:
            try:
                parts.setdefault(self._shape(engine, file), []).append(file)
            except ListRefused as refusal:
                refused[str(file)] = refusal.faults
        if refused:
            raise ExportRefused(refused)
        return parts

    def _walk(self, file: Path) -> Faults:
        held = CustomerList(file, self.columns)
        try:
            for _ in held.rows():
                pass
        except ListRefused:
            pass
        except BROKEN:
            held.faults.add(held.line, "the file cannot be unpacked from here on")
        return held.faults

    def _shape(self, engine: Engine, file: Path) -> tuple[str, ...]:
        """How the columns that we want are read, and how many there are in all; "" first for Parquet."""
        if is_parquet(file):
            return ("", *self._parquet(engine, file))
        held = CustomerList(file, self.columns)
        try:
            header = held.header()
        except BROKEN:
            held.faults.add(1, "the file cannot be read")
            raise ListRefused(held.faults) from None
        wanted = (f"column{header.index(column)} AS {name(column)}" for column in self.columns)
        return (", ".join(f"column{place}: 'VARCHAR'" for place in range(len(header))), *wanted)

    def _parquet(self, engine: Engine, file: Path) -> Iterator[str]:
        faults, types = Faults(), dict[str, str]()
        try:
            described = engine.ask(f"DESCRIBE SELECT * FROM read_parquet({word(str(file))}, {PARQUET})")
            types = {column: kind for column, kind, *_ in described}
        except QueryFailed:
            faults.add(0, "the file cannot be read as Parquet")
        for column in self.columns:
            if types and column not in types:
                faults.add(0, f"the column “{column}” is missing")
        faults.refuse_if_any()
        for column in self.columns:
            # The type is named, because files of several types are read apart: as a number, "007" would be 7.
            value = f"CAST({name(column)} AS {types[column]})"
            if types[column] == WITH_ZONE:  # by the clocks of the export's zone, which the engine was told
                value = f"CAST({value} AS TIMESTAMP)"
            # Whole numbers are counted faster than their text, which they become as soon as they meet one.
            yield f"{value if types[column] in WHOLE else f'CAST({value} AS VARCHAR)'} AS {name(column)}"

    def _read(self, shape: tuple[str, ...], files: list[Path]) -> str:
        columns, *wanted = shape
        named = words(map(str, files))
        source = (
            f"read_csv([{named}], columns = {{{columns}}}, {CSV})" if columns else f"read_parquet([{named}], {PARQUET})"
        )
        return f"SELECT {', '.join(wanted)} FROM {source}"


def _ends_early(file: Path) -> bool:
    with file.open("rb") as held:
        return bool(held.seek(0, SEEK_END)) and held.seek(-1, SEEK_END) >= 0 and held.read() != b"\n"


def files_of(pattern: str) -> Iterator[Path]:
    """The files of this name, or of all names that it fits."""
    path = Path(pattern)
    found = [path] if path.is_file() else Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    return (file for file in found if file.is_file())


def is_parquet(file: Path) -> bool:
    """Whether a file is Parquet, by its name."""
    return file.suffix == ".parquet"
