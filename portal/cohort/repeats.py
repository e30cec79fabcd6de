"""Repeats: accounts that a list names twice, found in constant memory however long it is."""

from collections.abc import Iterator
from contextlib import ExitStack
from struct import Struct
from tempfile import SpooledTemporaryFile
from typing import Self

# Equal names meet in the same part; each part fits into memory by itself.
PARTS = 128
IN_MEMORY = 32_768  # bytes of a part; beyond, it goes to a nameless file in TMPDIR, that a crash leaves nothing of
MARK = Struct(">32sQ")  # name of an account, and its line


class Marks:
    """The accounts of a piece, by the indexes of their references."""

    def __init__(self) -> None:
        self.parts: dict[int, bytearray] = {}

    def add(self, line: int, name: bytes) -> None:
        """Note where an account is named."""
        self.parts.setdefault(name[0] % PARTS, bytearray()).extend(MARK.pack(name, line))


class Seen:
    """The accounts of a whole list."""

    def __init__(self) -> None:
        self._parts: dict[int, SpooledTemporaryFile[bytes]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def note(self, marks: Marks) -> None:
        """Add those of a piece; the pieces in their order."""
        for number, raw in marks.parts.items():
            if number not in self._parts:
                self._parts[number] = self._open.enter_context(SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 (it is closed by the stack)
            self._parts[number].write(raw)

    def repeats(self) -> Iterator[tuple[int, int]]:
        """Each line that names an account again, and the line that named it first."""
        for part in self._parts.values():
            part.seek(0)
            lines: dict[bytes, int] = {}
            for account, line in MARK.iter_unpack(part.read()):
                if (first := lines.setdefault(account, line)) != line:
                    yield line, first
