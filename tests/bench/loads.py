"""Loads: a made-up list brought in by the command itself, its memory, and how long a load may take at least."""

import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select, text

from portal.database import Database
from portal.dev.people import made_up
from portal.identity import visits
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX
from portal.incident.revisions import DRAFT, Revision
from portal.sealing import KeyRing
from tests.bench.people import asked
from tests.bench.place import PROGRAMS, Place, Running

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 4 * 3600


@dataclass
class Loaded:
    """What a load took: seconds, and the most memory of all its processes together, in MB."""

    seconds: float
    memory: float


def written(here: Place, count: int, seed: int = 1) -> Path:
    """A made-up list of so many."""
    file = here.folder / f"people-{count}-{seed}.csv"
    _finish(here, _flask(here, "dev", "people", f"--count={count}", f"--seed={seed}", str(file)))
    return file


def begun(here: Place, listed: Path) -> Running:
    """A load that goes on by itself."""
    return _flask(here, "cohort", "load", "--for-real", str(listed))


def loaded(here: Place, listed: Path) -> Loaded:
    """Load a list, and wait."""
    return _finish(here, begun(here, listed))


def floor(here: Place, listed: Path) -> Loaded:
    """What the plain loop takes for the same list."""
    return _finish(here, here.python("tests.bench.load_floor", here.url, str(here.folder / "keys.json"), str(listed)))


def killed(here: Place, database: Database, listed: Path, after: int) -> int:
    """Begin a load, and kill it once so many accounts are written; how many were."""
    running = begun(here, listed)
    standing = select(Revision.loaded).where(Revision.state == DRAFT)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and running.handle.poll() is None:
        with database.read() as session:
            if (session.scalar(standing) or 0) >= after:
                break
        time.sleep(LOOK_SECONDS)
    os.kill(running.handle.pid, signal.SIGKILL)
    running.handle.wait()
    with database.read() as session:
        return session.scalar(standing) or 0


def counted(database: Database) -> tuple[int, int, int]:
    """Accounts, answers that stand, and committed revisions, in plain SQL."""
    asked = ("customer", "exposure WHERE until_revision IS NULL", "revision WHERE state = 'COMMITTED'")
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET statement_timeout = 0")
        accounts, answers, revisions = (
            connection.scalar(select(func.count()).select_from(text(what))) or 0 for what in asked
        )
    return accounts, answers, revisions


def visitors(database: Database, keys: KeyRing, count: int, some: int, seed: int = 1) -> list[str]:
    """Open visits of some of those customers, as cookies."""
    now, cookies = datetime.now(UTC), []
    addresses = [row[1] for row in islice(made_up(count, seed), 0, count, max(1, count // some))]
    with database.write() as session:
        request = asked(keys, addresses[0], 0, now)
        session.add(request)
        session.flush()
        for address in addresses:
            request.email_index = keys.mac(ADDRESS_INDEX, read(address).canonical)
            cookies.append(f"ps={visits.open_visit(session, keys, request, 'link+code', now=now)}")
    return cookies


def _flask(here: Place, *words: str) -> Running:
    return here.start(str(PROGRAMS / "flask"), "--app", "app", *words)


def _finish(here: Place, running: Running) -> Loaded:
    began, most = time.monotonic(), 0
    while running.handle.poll() is None:
        most = max(most, _memory(running.handle.pid))
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    if running.handle.returncode:
        raise RuntimeError(f"{running.handle.args!r}: {(here.folder / 'log').read_text()[-2000:]}")
    return Loaded(seconds, most / 1024)


def _memory(process: int) -> int:
    """Kilobytes of a process and its children, what they share counted once."""
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in told if line.startswith("Pss:")) + sum(map(_memory, map(int, children)))
