"""The gate's look-ups, against a bare view that reads one row by its primary key, in alternation."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from portal.database import Database
from portal.gate import keys as gate_keys
from portal.gate.keys import Scope, Wanted
from portal.identity.customers import Customer
from portal.reset.obligations import Obligation
from tests.bench import people, wire
from tests.bench.pages import compared
from tests.bench.place import Place, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.ports import free_port
from tests.servers.postgresql import Postgresql

ACCOUNTS = shortened(5_000, 500)


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """One account asked for at a time, on both engines; every second one must reset."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            rows, key = _fill(here, database), _key(here, database)
            ours, floor = here.web(), here.web("tests.bench.floors:app", free_port())

            def ask(port: int, ours: int = ours.port, rows: list[UUID] = rows, key: bytes = key) -> bytes:
                number = random.randrange(ACCOUNTS)
                if port != ours:
                    return wire.get(f"/account/{rows[number]}", port)
                return wire.get(f"/gate/v1/accounts/customer{number}-0", port)[:-2] + key

            yield compared(f"gate look-up, {engine}", 0.6, (ours, floor), ask, 200)


def _fill(here: Place, database: Database) -> list[UUID]:
    people.settled(database, here.keys, ACCOUNTS)
    now = datetime.now(UTC)
    with database.write() as session:
        rows = list(session.scalars(select(Customer.id).order_by(Customer.id)))
        session.add_all(Obligation(customer_id=one, revision=1, since=now) for one in rows[::2])
    return rows


def _key(here: Place, database: Database) -> bytes:
    wanted = Wanted("bench", people.ACCOUNT.brand, [Scope.READ])
    with database.write() as session:
        key = gate_keys.make(session, here.keys, wanted, by="operator:bench", now=datetime.now(UTC))
    return f"Authorization: Bearer {key}\r\n\r\n".encode()
