"""Anchors: what the chain's end was at a moment, signed and kept where the owner of the database cannot reach."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.sealing import KeyRing

PURPOSE = "audit anchor"
HOURLY, NEWEST = "anchors.txt", "newest.txt"
MOMENT = "%Y%m%dT%H%M%SZ"
MARK = "trail-anchor:"
# One word without a blank, so that it survives mail programs and can be copied from a letter.
LINE = re.compile(MARK + r"(\d{1,18}):(\d{8}T\d{6}Z):([0-9a-f]{64}):(\d{1,3}):([0-9a-f]{64})(?![0-9a-f])")
LONGEST = 400


@dataclass(frozen=True)
class Anchor:
    """The chain's last entry at a moment, its seal, and the signature over both."""

    sequence: int
    moment: datetime
    mac: bytes
    key_id: int
    signature: bytes

    def __str__(self) -> str:
        parts = (self.sequence, f"{self.moment:{MOMENT}}", self.mac.hex(), self.key_id, self.signature.hex())
        return MARK + ":".join(map(str, parts))

    def is_ours(self, keys: KeyRing) -> bool:
        """Whether the worker signed it."""
        if self.key_id not in keys.masters:
            return False
        return self.signature == _signature(keys, self.sequence, self.moment, self.mac, self.key_id)


def head(session: Session, keys: KeyRing, *, now: datetime) -> Anchor | None:
    """An anchor of the chain as it ends now; None before its first entry."""
    last = trail.newest(session)
    if last is None:
        return None
    now = now.astimezone(UTC).replace(microsecond=0)
    signature = _signature(keys, last.sequence, now, last.mac, keys.current)
    return Anchor(last.sequence, now, last.mac, keys.current, signature)


def read(text: str) -> Anchor | None:
    """The anchor in a line; None where there is none in it."""
    found = LINE.search(text)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[2], MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Anchor(int(found[1]), moment, bytes.fromhex(found[3]), int(found[4]), bytes.fromhex(found[5]))


def append(folder: Path, anchor: Anchor) -> None:
    """Add it to the hourly ones; on the disk when this returns."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / HOURLY).open("a+b") as file:
        # After a power cut the last line may be torn.
        torn = file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n"
        file.write(b"\n" * bool(torn) + f"{anchor}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def note(folder: Path, anchor: Anchor) -> None:
    """Keep it as the newest, so that what is cut off after the last hour is missed as well."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{NEWEST}.{os.getpid()}"
    with fresh.open("w") as file:
        file.write(f"{anchor}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NEWEST)


def last(folder: Path) -> Anchor | None:
    """The last hourly one."""
    try:
        with (folder / HOURLY).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    return next((anchor for line in reversed(lines) if (anchor := read(line))), None)


def kept(folder: Path) -> Iterator[Anchor | None]:
    """Every anchor in the folder's files, which may be copied from letters; None for a line that is damaged."""
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (read(line) for line in file if MARK in line)


def _signature(keys: KeyRing, sequence: int, moment: datetime, mac: bytes, key_id: int) -> bytes:
    return keys.mac(PURPOSE, str(sequence), f"{moment:{MOMENT}}", mac.hex(), key_id=key_id)
