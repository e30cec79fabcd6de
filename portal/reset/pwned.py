"""Pwned passwords: those that were found in breaches, in a file that is looked up where it lies."""

import mmap
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from itertools import islice, pairwise
from pathlib import Path

MAGIC = b"PWND-1\n\0"
BUCKETS = 1 << 16
PLACE, PART, BITS = 4, 4, 48  # hexadecimal digits that choose the bucket; bytes that are kept; bits in all
OFFSETS = struct.Struct(f">{BUCKETS + 1}Q")
LINE = re.compile(rb"[0-9A-Fa-f]{40}:\d+\s*")
DIGEST = 40
LINES = 50_000
Progress = Callable[[int], None]


class Unfit(Exception):
    """A file cannot be used: says the line, and what is wrong there."""


@dataclass(frozen=True)
class Built:
    """What was built: how many passwords, in how many bytes."""

    passwords: int
    size: int

    @property
    def one_in(self) -> int:
        """Of so many good passwords one is refused for nothing."""
        return (1 << BITS) // max(1, self.passwords)


class Pwned:
    """The passwords of a built file; a look-up reads a page or two of it.

    A file holds 48 bits of each SHA-1: the first 16 by its place, the other 32 in 4 bytes. With a billion passwords
    it is 4 GB, and calls one good password in 281,474 known; with ten million it is 41 MB, and one in 28 million.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._held[: len(MAGIC)] != MAGIC or len(self._held) != self._offset(BUCKETS):
            raise Unfit(f"{path} was not made by `flask blocklist build`, or not to its end")

    def __contains__(self, password: object) -> bool:
        """Whether it was found in a breach, as far as 48 bits tell."""
        digest = sha1(str(password).encode(), usedforsecurity=False).digest()
        bucket, wanted = int.from_bytes(digest[:2]), digest[2 : 2 + PART]
        start, end = self._offset(bucket), self._offset(bucket + 1)
        while start < end:
            middle = start + (end - start) // PART // 2 * PART
            held = self._held[middle : middle + PART]
            if held == wanted:
                return True
            start, end = (middle + PART, end) if held < wanted else (start, middle)
        return False

    def _offset(self, bucket: int) -> int:
        place = len(MAGIC) + 8 * bucket
        return int.from_bytes(self._held[place : place + 8])


def build(source: Path, target: Path, *, at_least: int = 1, progress: Progress = lambda _: None) -> Built:
    """Make the file from a list of `SHA1:COUNT` in the order of the hashes, line by line; raises Unfit.

    Only passwords that were seen `at_least` so often are taken. Nothing is there under the target's name before all is.
    """
    counts, part = [0] * BUCKETS, target.with_name(f"{target.name}.part")
    first = len(MAGIC) + OFFSETS.size
    with part.open("wb") as out:
        out.seek(first)
        for hashes in _hashes(source, at_least, progress):
            for place, count in Counter(one[:PLACE] for one in hashes).items():
                counts[int(place, 16)] += count
            out.write(bytes.fromhex(b"".join(one[PLACE : PLACE + 2 * PART] for one in hashes).decode()))
        ends = [first]
        for count in counts:
            ends.append(ends[-1] + PART * count)
        out.seek(0)
        out.write(MAGIC + OFFSETS.pack(*ends))
    part.replace(target)
    return Built(sum(counts), ends[-1])


def _hashes(source: Path, at_least: int, progress: Progress) -> Iterator[list[bytes]]:
    """The hashes, in hexadecimal digits, some thousands at a time."""
    number, last = 0, b""
    with source.open("rb") as lines:
        while some := list(islice(lines, LINES)):
            for line, one in enumerate(some, number + 1):
                if not LINE.fullmatch(one):
                    raise Unfit(f"line {line}: not a SHA-1 in hexadecimal digits, a colon and a count")
            hashes = [one[:DIGEST].upper() for one in some]
            for line, (one, other) in enumerate(pairwise([last, *hashes]), number + 1):
                if one >= other:
                    raise Unfit(f"line {line}: out of order; take the list that is ordered by hash")
            number, last = number + len(some), hashes[-1]
            yield [one for one, line in zip(hashes, some, strict=True) if int(line[DIGEST + 1 :]) >= at_least]
            progress(sum(map(len, some)))
