"""A backup: a folder with a dump, a manifest of it, and the key rings under the backup's secret."""

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from portal.backup import dumps, vault
from portal.database import Database

DUMP, MANIFEST, RINGS = "database.dump", "manifest.json", "rings.locked"
BEGUN = ".partial"


class NotWhole(Exception):
    """A backup has a fault; says which."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: when it was begun, of which engine, at which migration, and the dump's length and digest."""

    made_at: str
    engine: str
    step: str
    length: int
    sha256: str


@dataclass(frozen=True)
class Backup:
    """A backup that was checked whole: its folder, its manifest, and the text of each key file by its purpose."""

    folder: Path
    manifest: Manifest
    rings: Mapping[str, str]

    @property
    def dump(self) -> Path:
        """The file that holds the database."""
        return self.folder / DUMP


def create(database: Database, rings: Mapping[str, Path], secret: str, into: Path, step: str, now: datetime) -> Backup:
    """A new backup in this folder, checked whole; until then it has another name. Raises DumpFailed, NotWhole."""
    folder = into / f"portal-{now:%Y%m%dT%H%M%S%fZ}"
    partial = folder.with_name(folder.name + BEGUN)
    partial.mkdir(mode=0o700, parents=True)
    try:
        _fill(partial, database, rings, secret, Manifest(now.isoformat(), database.engine.dialect.name, step, 0, ""))
        found = check(partial, secret)
    except (dumps.DumpFailed, NotWhole):
        shutil.rmtree(partial)
        raise
    partial.rename(folder)
    _settle(into)
    return replace(found, folder=folder)


def check(folder: Path, secret: str) -> Backup:
    """The backup in this folder, read from end to end; raises NotWhole."""
    try:
        written = (folder / MANIFEST).read_bytes()
        manifest = Manifest(**json.loads(written))
        locked = (folder / RINGS).read_bytes()
        if _digest(folder / DUMP) != (manifest.length, manifest.sha256):
            raise NotWhole(f"{folder / DUMP} is not what was written.")
    except (OSError, ValueError, TypeError) as error:
        raise NotWhole(f"{folder} is no whole backup: {type(error).__name__}.") from None
    held = vault.unlock(secret, locked, written)
    if held is None:
        raise NotWhole(f"PORTAL_BACKUP_SECRET is not this backup's, or {MANIFEST} or {RINGS} was changed.")
    _look_through(folder / DUMP, manifest.engine)
    rings = {name: base64.b64decode(text).decode() for name, text in json.loads(held).items()}
    return Backup(folder, manifest, rings)


def _fill(partial: Path, database: Database, rings: Mapping[str, Path], secret: str, begun: Manifest) -> None:
    _reserve(partial / DUMP)
    dumps.save(database, partial / DUMP)
    length, digest = _digest(partial / DUMP)
    written = json.dumps(asdict(replace(begun, length=length, sha256=digest)), indent=2).encode() + b"\n"
    # The rings are read after the database: a key that came meanwhile is there, and none ever goes by itself.
    held = json.dumps({name: base64.b64encode(path.read_bytes()).decode() for name, path in rings.items()})
    _keep(partial / RINGS, vault.lock(secret, held.encode(), written))
    _keep(partial / MANIFEST, written)
    for path in (partial / DUMP, partial):
        _settle(path)


def _look_through(dump: Path, engine: str) -> None:
    try:
        dumps.look_through(dump, engine)
    except dumps.DumpFailed as error:
        raise NotWhole(str(error)) from None


def _digest(file: Path) -> tuple[int, str]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return file.stat().st_size, digest


def _reserve(file: Path) -> None:
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _keep(file: Path, content: bytes) -> None:
    _reserve(file)
    file.write_bytes(content)
    _settle(file)


def _settle(path: Path) -> None:
    """Wait until the disk has it: a backup that was announced must survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
