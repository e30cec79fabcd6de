"""Grants of codes: many clients at once, against the same transaction said by the database's own tools."""

import os
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select

from portal.database import Database
from portal.enrolment import outright
from portal.enrolment.codes import Code
from tests.bench.granting import OFFER
from tests.bench.numbers import median
from tests.bench.place import Place, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.enrolment.bench import some_codes, stock_up
from tests.servers.postgresql import DURABLE, Postgresql

# Short turns and many: a machine that others share is quick now and slow then.
ROUNDS, SECONDS, CODES = shortened(9, 1), 2.0, shortened(30_000, 12_000)
LAST_DAY = date(2099, 12, 31)

# What pgbench makes up for each grant; it takes a colon for a name even within quotes.
MADE_UP = """
SELECT gen_random_uuid() AS new_id, sha256(uuid_send(gen_random_uuid())) AS new_email_index \\gset
"""
# What does not change stands in the statement.
FIXED = {"line": "42", "day": "current_date", "new_key_id": "1", "new_locale": "'en'", "new_origin": "'http'"}
FIXED |= dict.fromkeys(("offer", "new_offer"), f"'{OFFER}'")
FIXED |= dict.fromkeys(("new_asked_at", "new_granted_at", "said_at"), "now()")
FIXED |= {"said_kind": "'granted'", "said_actor": "'customer'", "said_subject": "'grant'", "said_details": "'{}'"}


def measure(_quick: Postgresql) -> Iterator[Row]:
    """Ours and the floor in turn, on a PostgreSQL that forgets nothing, and on SQLite."""
    durable = Postgresql(DURABLE)
    durable.start()
    try:
        yield from _rows("postgresql", durable, 16, 0.5)
    finally:
        durable.remove()
    yield from _rows("sqlite", durable, 4, 0.3)


def _rows(engine: str, postgresql: Postgresql, clients: int, least: float) -> Iterator[Row]:
    rates: list[list[float]] = [[], []]
    cpu = 0.0
    with place(engine, postgresql) as (here, database):
        for turn in range(ROUNDS):
            stock_up(database, here.keys, some_codes(CODES, f"ROUND{turn}"), expires=LAST_DAY)
            done, used = _ours(here, clients)
            rates[0].append(done / SECONDS)
            cpu += used / max(1, done) / ROUNDS * 1000
            rates[1].append(_theirs(here, database, postgresql, clients))
        given, people = _given(database)
    ratio = median(ours / floor for ours, floor in zip(*rates, strict=True))
    told = [f"{median(held):,.0f}/s" for held in rates]
    yield Row(
        f"code grants, {engine}, {clients} clients",
        *told,
        f"{ratio:.2f}",
        f"≥ {least}",
        ratio >= least,
        f"{cpu:.2f} ms",
    )
    yield Row(f"code grants, {engine}: given twice", str(given - people), promise="0", kept=given == people > 0)


def _ours(here: Place, clients: int) -> tuple[int, float]:
    """How many grants there were, and the CPU seconds of the clients."""
    gate = Path(tempfile.mkdtemp(dir=here.folder))
    # SQLite has one web process, PostgreSQL as many as there are cores.
    processes = 1 if here.url.startswith("sqlite") else min(clients, os.cpu_count() or 1)
    words = (str(gate), str(SECONDS), str(clients // processes))
    running = [here.python("tests.bench.granting", *words) for _ in range(processes)]
    while len(list(gate.iterdir())) < len(running) and all(one.handle.poll() is None for one in running):
        time.sleep(0.05)
    (gate / "open").touch()
    told = [one.handle.communicate()[0].split() for one in running]
    assert all(told), (here.folder / "log").read_text()[-2000:]
    return sum(int(done) for done, _ in told), sum(float(used) for _, used in told)


def _theirs(here: Place, database: Database, postgresql: Postgresql, clients: int) -> float:
    if database.is_sqlite:
        path, until = here.url.removeprefix("sqlite:///"), time.monotonic() + SECONDS
        with ThreadPoolExecutor(clients) as pool:
            return sum(pool.map(lambda _: _raw(path, until), range(clients))) / SECONDS
    script = postgresql.folder / "grant.sql"
    script.write_text(f"{MADE_UP}{_said(database)};\n")
    return postgresql.hammer("bench", script, clients, SECONDS)


def _said(database: Database) -> str:
    """The portal's own statement, as pgbench reads it."""
    told = str(outright.GIVING.compile(dialect=type(database.engine.dialect)(paramstyle="named")))
    told = told.replace("__[POSTCOMPILE_indexes]", ":new_email_index::bytea")
    return re.sub(r"(?<!:):(\w+)", lambda found: FIXED.get(found[1], found[0]), told)


def _raw(path: str, until: float) -> int:
    """How many grants one thread writes by the standard library alone."""
    line = sqlite3.connect(path, timeout=30, isolation_level=None)
    line.execute("PRAGMA synchronous=FULL")
    pool = line.execute("SELECT pool_id FROM code WHERE grant_id IS NULL ORDER BY id LIMIT 1").fetchone()[0]
    done = 0
    while time.monotonic() < until:
        _grant(line, pool)
        done += 1
    line.close()
    return done


def _grant(line: sqlite3.Connection, pool: str) -> None:
    row, index = uuid4().hex, os.urandom(32)
    line.execute("BEGIN IMMEDIATE")
    line.execute(
        "INSERT INTO code_grant (id, key_id, email_index, offer, origin, locale, asked_at, granted_at) "
        "SELECT ?, 1, ?, 'monitoring', 'http://127.0.0.1:8000', 'en', datetime(), datetime() "
        "WHERE NOT EXISTS (SELECT 1 FROM code_grant WHERE email_index = ?) "
        "AND NOT EXISTS (SELECT 1 FROM code_grant WHERE offer = 'monitoring' AND granted_at IS NULL)",
        (row, index, index),
    )
    free = "SELECT id FROM code WHERE pool_id = ? AND grant_id IS NULL ORDER BY id LIMIT 1"
    line.execute(f"UPDATE code SET grant_id = ? WHERE id = ({free})", (row, pool))
    line.execute(
        "INSERT INTO audit_event (at, kind, actor, subject, details) "
        "VALUES (datetime(), 'code:granted', 'customer', ?, '{}')",
        (row,),
    )
    line.execute("COMMIT")


def _given(database: Database) -> tuple[int, int]:
    with database.read() as session:
        given = select(func.count(Code.grant_id), func.count(Code.grant_id.distinct()))
        first, second = session.execute(given).one()
    return first, second
