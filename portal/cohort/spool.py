"""Spool: what a checked list says, until it is loaded, in the order of the index that most of the writing is for."""

import pickle
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from weakref import finalize

from portal.cohort import lists
from portal.cohort.entries import Entry, Kind

DRAWERS = 256  # one for each first byte of a name; each fits into memory by itself: 40,000 rows of ten million
BLOCK = 16_384  # bytes of a drawer that go to the file together; what is less stays in memory

NAME, DIGEST = 32, 16  # bytes
Row = bytes  # small and quick to sort: a name, the digest of a kind, and three texts


class Sheet:
    """What one piece of a list says; what many rows have in common is said once."""

    def __init__(self) -> None:
        self.kinds: dict[bytes, Kind] = {}
        self._digests: dict[Kind, bytes] = {}
        self._drawers: defaultdict[int, list[Row]] = defaultdict(list)

    def add(self, name: bytes, entry: Entry) -> None:
        """Note one account under the index of its reference."""
        if (digest := self._digests.get(entry.kind)) is None:
            digest = self._digests[entry.kind] = _digest(entry.kind)
            self.kinds[digest] = entry.kind
        texts = (entry.reference, entry.address.stored, entry.address.canonical)
        self._drawers[name[0]].append(name + digest + "\0".join(texts).encode())

    def counted(self) -> Iterator[tuple[Kind, int]]:
        """Each kind, and how many accounts are of it."""
        for digest, accounts in Counter(map(digest_of, chain.from_iterable(self._drawers.values()))).items():
            yield self.kinds[digest], accounts

    def packed(self) -> dict[int, bytes]:
        """The rows as they are kept, by their drawers."""
        return {number: pickle.dumps(rows, pickle.HIGHEST_PROTOCOL) for number, rows in self._drawers.items()}


def digest_of(row: Row) -> bytes:
    """What its kind is known by."""
    return row[NAME : NAME + DIGEST]


def opened(row: Row) -> tuple[bytes, str, str, str]:
    """Its name, its reference, and its address as it is stored and as it is compared; no list holds a NUL."""
    reference, stored, canonical = row[NAME + DIGEST :].decode().split("\0")
    return row[:NAME], reference, stored, canonical


class Spool:
    """All that one list says, in drawers that become a nameless file of TMPDIR; gone with whoever holds it."""

    def __init__(self) -> None:
        self.size = 0
        self.kinds: dict[bytes, Kind] = {}
        self._full: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))
        self._rest: defaultdict[int, bytearray] = defaultdict(bytearray)
        self._file = cast(BinaryIO, SpooledTemporaryFile(1))  # noqa: SIM115 (closed below)
        finalize(self, self._file.close)

    def add(self, kinds: dict[bytes, Kind], drawers: dict[int, bytes]) -> None:
        """Keep what one more sheet says."""
        self.kinds.update(kinds)
        for number, rows in drawers.items():
            self._rest[number] += rows
            self.size += len(rows)
            if len(self._rest[number]) >= BLOCK:
                self._empty(number)

    def _empty(self, number: int) -> None:
        block = self._rest.pop(number)
        self._full[number].extend((self._file.tell(), len(block)))
        self._file.write(block)
        self._file.flush()  # a full disk is met here, before anything changes

    def sheets(self, after: int) -> Iterator[list[Row]]:
        """All rows but the first so many, by their names, as many at a time as a piece of a list has."""
        rows = islice(chain.from_iterable(sorted(self._drawer(number)) for number in range(DRAWERS)), after, None)
        while sheet := list(islice(rows, lists.SIZE)):
            yield sheet

    def _drawer(self, number: int) -> Iterator[Row]:
        places = iter(self._full.get(number, ()))
        for place, size in zip(places, places, strict=True):
            self._file.seek(place)
            yield from _unpacked(self._file.read(size))
        yield from _unpacked(bytes(self._rest.get(number, b"")))


def _unpacked(block: bytes) -> Iterator[Row]:
    held = BytesIO(block)
    while held.tell() < len(block):
        yield from pickle.load(held)  # noqa: S301 (we packed it ourselves, and it lay in a file that has no name)


def _digest(kind: Kind) -> bytes:
    """The same in every process, which the order of a set is not."""
    said = repr((kind.brand, kind.country, kind.locale, sorted(kind.flags), kind.answer))
    return blake2b(said.encode(), digest_size=DIGEST).digest()
