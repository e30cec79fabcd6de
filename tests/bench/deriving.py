"""Deriving: the rules over made-up exports, beside the same question in plain SQL, and beside bare reading."""

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
# What somebody would type who checks and explains nothing: how many accounts bought, and bought since May, by country.
QUESTION = """SELECT Country, bought, in_year, count(*) FROM (FROM '{0}') LEFT JOIN (
    SELECT CustomerId, count(*) > 0 AS bought, max(InvoiceDate >= '2025-05-01 07:00:00') AS in_year
    FROM '{1}' GROUP BY CustomerId) USING (CustomerId) GROUP BY ALL"""
READING = """SELECT * FROM (SELECT count(Email), count(Country), count(CustomerId) FROM '{0}'),
    (SELECT count(CustomerId), count(InvoiceDate) FROM '{1}')"""
# The least that still writes a list: nothing trimmed, nothing checked, nothing counted, one rule.
LEAST = """COPY (SELECT CustomerId, Email, Country, CASE WHEN since THEN 'AFFECTED' WHEN bought THEN 'NOT_AFFECTED'
    ELSE 'UNKNOWN' END, CASE WHEN since THEN 'name' END FROM '{0}' LEFT JOIN (
    SELECT CustomerId, TRUE AS bought, bool_or(InvoiceDate >= '2025-05-01 07:00:00') AS since
    FROM '{1}' GROUP BY CustomerId) USING (CustomerId)) TO '{0}.least' (FORMAT csv)"""


def measure(_: Postgresql) -> Iterator[Row]:
    """CSV, packed CSV and Parquet, with the list written."""
    incident = file.read(ROOT / "tests" / "data" / "chinook-purchases")
    with TemporaryDirectory() as folder:
        for kind in ("csv", "csv.gz", "parquet"):
            people, deeds, to = (str(Path(folder) / f"{name}.{kind}") for name in ("people", "deeds", "list"))
            for path, query in ((people, PEOPLE), (deeds, DEEDS)):
                duckdb.execute(f"COPY ({query}) TO '{path}'")

            def ours(people: str = people, deeds: str = deeds, to: Path = Path(to)) -> None:
                to.unlink(missing_ok=True)
                derive(incident, [people], [deeds], to)

            taken = _seconds(ours)
            # Parquet gives plain SQL numbers to join by; we join by text, so that "007" and 7 stay two customers.
            promised = None if kind == "parquet" else 0.5
            queries = (
                ("plain SQL", QUESTION, promised),
                ("a list unchecked", LEAST, None),
                ("bare reading", READING, None),
            )
            for name, query, promise in queries:
                asked = query.format(people, deeds)
                yield _row(f"derive, {kind}, beside {name}", taken, _seconds(lambda asked=asked: _ask(asked)), promise)


def _ask(query: str) -> None:
    duckdb.sql(query).fetchall()


def _row(what: str, taken: float, bare: float, promise: float | None) -> Row:
    rows, ratio = CUSTOMERS + PURCHASES, bare / taken
    told = (f"{rows / taken:,.0f} rows/s", f"{rows / bare:,.0f} rows/s", f"{ratio:.2f}")
    return Row(what, *told, f"≥ {promise}", ratio >= promise) if promise else Row(what, *told, "")


def _seconds(act: Callable[[], None]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return median(taken)
