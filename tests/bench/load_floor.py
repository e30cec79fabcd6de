"""The floor under a load: the same rows validated, indexed and sealed in one plain loop, into tables without checks."""

import csv
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from portal.cohort.entries import Entry, EntryReader
from portal.cohort.sealed import CUSTOMER, EXPOSURE, FLAGS
from portal.database import Database
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX
from portal.incident import file
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests.servers.ground import EXAMPLE

BATCH = 10_000


def main(url: str, keys: str, listed: str) -> None:
    """Load the list."""
    ring, reader = KeyRing.read(Path(keys)), EntryReader(file.read(EXAMPLE))
    with Path(listed).open(newline="", encoding="utf-8") as source:
        entries = (reader.read(row) for row in csv.DictReader(source))
        rows = ((*_customer(ring, entry), entry.kind.answer) for entry in entries)
        (_sqlite if url.startswith("sqlite") else _postgresql)(url, rows)


def _customer(keys: KeyRing, entry: Entry) -> tuple[Any, ...]:
    account = fresh_id()
    kind = entry.kind
    name = keys.mac(REFERENCE_INDEX, kind.brand, entry.reference)
    reference = keys.seal(REFERENCE, account, entry.reference)
    home = keys.mac(ADDRESS_INDEX, entry.address.canonical)
    address = keys.seal(ADDRESS, account, entry.address.stored)
    flags = (flag in kind.flags for flag in FLAGS)
    return account, kind.brand, 1, name, reference, home, address, 1, kind.locale, kind.country, *flags, 1


def _sqlite(url: str, rows: Iterator[tuple[Any, ...]]) -> None:
    line: Any = Database(url).engine.raw_connection().driver_connection
    line.execute(f"CREATE TABLE floor_customer ({', '.join(CUSTOMER)})")
    line.execute(f"CREATE TABLE floor_exposure ({', '.join(EXPOSURE)})")
    while batch := list(islice(rows, BATCH)):
        line.execute("BEGIN IMMEDIATE")
        customers = [(row[0].hex, *row[1:-1]) for row in batch]
        line.executemany(f"INSERT INTO floor_customer VALUES ({', '.join('?' * len(CUSTOMER))})", customers)
        answers = [(row[0].hex, 1, row[-1].result, row[-1].categories) for row in batch]
        line.executemany("INSERT INTO floor_exposure VALUES (?, ?, ?, ?)", answers)
        line.execute("COMMIT")


def _postgresql(url: str, rows: Iterator[tuple[Any, ...]]) -> None:
    named = make_url(url)
    with psycopg.connect(dbname=named.database, user=named.username, host=named.query["host"]) as line:
        line.execute("CREATE TABLE floor_customer AS SELECT * FROM customer WHERE false")
        line.execute("CREATE TABLE floor_exposure AS SELECT * FROM exposure WHERE false")
        while batch := list(islice(rows, BATCH)):
            with line.cursor().copy(f"COPY floor_customer ({', '.join(CUSTOMER)}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row[:-1])
            with line.cursor().copy(f"COPY floor_exposure ({', '.join(EXPOSURE)}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row((row[0], 1, row[-1].result, row[-1].categories))
            line.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
