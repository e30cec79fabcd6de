"""Deriving: the rules over made-up exports, beside the same engine reading the same files and counting."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from portal.cohort.deriving import derive
from portal.config import ROOT
from portal.incident import file
from tests.bench.numbers import median
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

CUSTOMERS, PURCHASES, TIMES = shortened(1_000_000, 20_000), shortened(5_000_000, 100_000), 3
COUNTRIES = "['Germany', 'USA', 'France', 'Brazil', 'United Kingdom', 'Spain', 'Canada', 'Chile']"
PEOPLE = f"""SELECT n AS CustomerId, 'First' || n AS FirstName, 'Long Street ' || n AS Address,
    {COUNTRIES}[1 + n % 8] AS Country, 'customer' || n || '@mail.example' AS Email FROM range({CUSTOMERS}) t(n)"""
DEEDS = f"""SELECT n AS InvoiceId, hash(n) % {CUSTOMERS} AS CustomerId,
    strftime(TIMESTAMP '2021-01-01' + to_minutes(n % 2600000), '%Y-%m-%d %H:%M:%S') AS InvoiceDate,
    n % 100 AS Total FROM range({PURCHASES}) t(n)"""


def measure(_: Postgresql) -> Iterator[Row]:
    """CSV, packed CSV and Parquet, with the list written."""
    incident = file.read(ROOT / "tests" / "data" / "chinook-purchases")
    with TemporaryDirectory() as folder:
        for kind in ("csv", "csv.gz", "parquet"):
            people, deeds, to = Path(folder) / f"c.{kind}", Path(folder) / f"p.{kind}", Path(folder) / "list.csv"
            for path, query in ((people, PEOPLE), (deeds, DEEDS)):
                duckdb.execute(f"COPY ({query}) TO '{path}'")

            def ours(people: Path = people, deeds: Path = deeds, to: Path = to) -> None:
                to.unlink(missing_ok=True)
                derive(incident, [str(people)], [str(deeds)], to)

            def floor(people: Path = people, deeds: Path = deeds) -> None:
                duckdb.sql(f"SELECT count(Email), count(Country), count(CustomerId) FROM '{people}'").fetchall()
                duckdb.sql(f"SELECT count(CustomerId), count(InvoiceDate) FROM '{deeds}'").fetchall()

            taken, bare = _seconds(ours), _seconds(floor)
            rows = CUSTOMERS + PURCHASES
            told = (f"{rows / taken:,.0f} rows/s", f"{rows / bare:,.0f} rows/s", f"{bare / taken:.2f}")
            # Parquet keeps counts of its own, so counting reads next to nothing.
            promised = ("≥ 0.5", bare / taken >= 0.5) if kind != "parquet" else ("", None)
            yield Row(f"derive, {kind}", *told, *promised)


def _seconds(act: Callable[[], None]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return median(taken)
