"""Forced resets by the hundred thousand: how quickly they are ordered and carried out, in how much memory."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from portal.cohort.exposures import Exposure
from portal.database import Database
from portal.identity.customers import REFERENCE, REFERENCE_INDEX, Customer
from portal.journey import consequences
from portal.reset.hashing import PROFILES
from portal.reset.operations import DONE, StoreOperation
from portal.reset.stores.database import Credential
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests.bench.people import ACCOUNT, LONG_AGO, OLD
from tests.bench.place import Place, Running, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.cast import BO, settle
from tests.servers.postgresql import Postgresql

ACCOUNTS = shortened(20_000, 1_000)  # or as many as the command line says: `python -m tests.bench expiries 1000000`
CHUNK = 20_000
MIB = 1024
FLAT_MIB = 60  # what a worker may gain, whether it carries out a thousand or a million
PATIENCE_SECONDS = 7200


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """Order them, carry half of them out, kill the worker, and let another do the rest."""
    count = next((int(word) for word in sys.argv[1:] if word.isdigit()), ACCOUNTS)
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            fill(database, here.keys, count)
            before, began = _resident(os.getpid()), time.monotonic()
            draw(database)
            took, grew = time.monotonic() - began, _resident(os.getpid()) - before
            yield Row(
                f"{count:,} forced resets, ordered, {engine}",
                f"{count / took:,.0f} a second; {grew:+.0f} MiB",
                promise=f"at most {FLAT_MIB} MiB",
                kept=grew <= FLAT_MIB,
            )
            yield _carried_out(here, database, count, f"{count:,} forced resets, carried out, {engine}")


def fill(database: Database, keys: KeyRing, count: int) -> None:
    """So many affected accounts with an old password, in a committed revision."""
    settle(database, keys, BO)
    held = PROFILES["surge"].hash(OLD)
    for start in range(0, count, CHUNK):
        people = [_person(keys, number, held) for number in range(start, min(start + CHUNK, count))]
        with database.write() as session:
            for table, rows in zip((Customer, Exposure, Credential), zip(*people, strict=True), strict=True):
                session.execute(insert(table), rows)


def draw(database: Database) -> None:
    """Let the worker have drawn what follows from the revision."""
    more = True
    while more:
        with database.write() as session:
            more = consequences.draw(session, now=datetime.now(UTC))


def done(database: Database) -> int:
    """How many orders were carried out."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(StoreOperation.state == DONE)) or 0


def taken(database: Database) -> int:
    """How often an order was begun."""
    with database.read() as session:
        return session.scalar(select(func.sum(StoreOperation.takes))) or 0


def marked(database: Database) -> int:
    """How many accounts open with no old password any more."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(Credential.must_reset)) or 0


def _person(keys: KeyRing, number: int, held: str) -> tuple[dict[str, Any], ...]:
    row, reference = fresh_id(), f"customer{number}"
    index = keys.mac(REFERENCE_INDEX, ACCOUNT.brand, reference)
    customer = {"id": row, "brand": ACCOUNT.brand, "key_id": keys.current, "ref_index": index, "from_revision": 1}
    customer |= {"ref_sealed": keys.seal(REFERENCE, row, reference), "email_index": index, "email_sealed": b"-"}
    exposure = {"customer_id": row, "from_revision": 1, "result": "AFFECTED", "categories": "login_details"}
    return customer, exposure, {"account": index, "password_hash": held, "changed_at": LONG_AGO}


def _carried_out(here: Place, database: Database, count: int, what: str) -> Row:
    first = here.worker()
    rate, grew = _watch(database, first, count // 2)
    os.killpg(first.handle.pid, signal.SIGKILL)
    first.handle.wait()
    at_the_kill, second = done(database), here.worker()
    later, grew_later = _watch(database, second, count)
    repeated = taken(database) - count
    said = f"{rate:,.0f} a second to a kill -9 at {at_the_kill:,}, {later:,.0f} after it; {repeated} repeated"
    return Row(
        what,
        f"{said}; {max(grew, grew_later):+.0f} MiB",
        promise=f"none lost, at most {FLAT_MIB} MiB",
        kept=(done(database), marked(database)) == (count, count) and max(grew, grew_later) <= FLAT_MIB,
    )


def _watch(database: Database, worker: Running, wanted: int) -> tuple[float, float]:
    """Orders a second, and the MiB that the worker gained, from its first orders to its last."""
    began, first, resident, pause = time.monotonic(), done(database), 0.0, min(5.0, wanted / 5_000)
    start = first
    while (now := done(database)) < wanted:
        if now > first and not resident:
            began, start, resident = time.monotonic(), now, _resident(worker.handle.pid)
        if worker.handle.poll() is not None or time.monotonic() - began > PATIENCE_SECONDS:
            raise RuntimeError("the worker ended, or stands still")
        time.sleep(pause)
    return (now - start) / (time.monotonic() - began), _resident(worker.handle.pid) - (resident or 0)


def _resident(process: int) -> float:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(told["VmRSS"].split()[0]) / MIB
