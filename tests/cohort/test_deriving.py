"""Deriving: real customers and purchases, counted once more in plain SQL; every kind of file says the same."""

import csv
import gzip
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest
import sqlglot

from portal.cohort.deriving import derive
from portal.cohort.roster import inspect
from portal.cohort.rules import WAREHOUSES, Rules
from portal.config import ROOT
from portal.incident import file
from portal.sealing import KeyRing

DATA = ROOT / "tests" / "data"
CUSTOMERS, PURCHASES = str(DATA / "customers.csv"), str(DATA / "invoices.csv")
INCIDENT = file.read(DATA / "chinook-purchases")

# The rules once more, by another hand and for another engine: each asks for its purchases in a subquery of its own,
# and all moments are those of UTC, by hand: nine hours behind Tokyo, two behind Berlin in May and one in December.
ANSWERS = """
SELECT c.CustomerId, CASE
    WHEN c.Country IN ('USA', 'Canada') AND EXISTS (SELECT 1 FROM invoices i WHERE i.CustomerId = c.CustomerId)
        THEN 'NOT_AFFECTED'
    WHEN c.Country = 'United Kingdom' AND EXISTS (SELECT 1 FROM invoices i WHERE i.CustomerId = c.CustomerId
        AND datetime(i.InvoiceDate, '-9 hours') BETWEEN '2025-04-30 22:00:00' AND '2025-12-21 22:59:59')
        THEN 'AFFECTED'
    WHEN c.Country NOT IN ('Australia', 'Brazil', 'India') AND (SELECT count(*) FROM invoices i
        WHERE i.CustomerId = c.CustomerId
        AND datetime(i.InvoiceDate, '-9 hours') BETWEEN '2025-04-30 22:00:00' AND '2025-11-30 22:59:59') > 0
        THEN 'AFFECTED'
    WHEN c.Country IN ('Australia', 'Brazil', 'India') THEN 'UNDER_REVIEW'
    ELSE 'UNKNOWN' END
FROM customers c
"""


def rows_of(path: str | Path) -> list[list[str]]:
    """A CSV file without its header."""
    with Path(path).open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """The answer of every real customer, by SQLite."""
    with closing(sqlite3.connect(":memory:")) as line:
        line.execute("CREATE TABLE customers (CustomerId, Country)")
        line.execute("CREATE TABLE invoices (CustomerId, InvoiceDate)")
        line.executemany("INSERT INTO customers VALUES (?, ?)", [(row[0], row[7]) for row in rows_of(CUSTOMERS)])
        line.executemany("INSERT INTO invoices VALUES (?, ?)", [(row[1], row[2]) for row in rows_of(PURCHASES)])
        return dict(line.execute(ANSWERS).fetchall())


def test_every_answer_agrees_with_sql_by_another_hand(expected: dict[str, str], tmp_path: Path) -> None:
    found = derive(INCIDENT, [CUSTOMERS], [PURCHASES], out := tmp_path / "list.csv")
    assert {row[0]: row[3] for row in rows_of(out)} == expected
    assert dict(found.tally.results) == dict(Counter(expected.values()))
    assert len(found.tally.results) == 4
    assert (found.customers, found.purchases, found.strangers) == (59, 412, 0)


def test_the_list_can_be_loaded_and_says_the_same(expected: dict[str, str], tmp_path: Path) -> None:
    derive(INCIDENT, [CUSTOMERS], [PURCHASES], out := tmp_path / "list.csv")
    roster = inspect(out, INCIDENT, KeyRing.fresh(), expected=59)
    assert dict(roster.tally.results) == dict(Counter(expected.values()))
    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_list_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("mine")
    with pytest.raises(FileExistsError):  # before anything is read
        derive(INCIDENT, ["none.csv"], ["none.csv"], tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text() == "mine"
    (tmp_path / "came-meanwhile.csv").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        derive(INCIDENT, [CUSTOMERS], [PURCHASES], tmp_path / "came-meanwhile.csv")


def several(folder: Path) -> None:
    """The purchases in three files, one of them packed, one with other columns in another order and CRLF."""
    head, *lines = Path(PURCHASES).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "p-1.csv").write_text("".join([head, *lines[:100]]), encoding="utf-8")
    (folder / "p-2.csv.gz").write_bytes(gzip.compress("".join([head, *lines[100:200]]).encode()))
    other = [f"{cells[2]},x,{cells[1]}\r\n" for cells in rows_of(PURCHASES)[200:]]
    (folder / "p-3.csv").write_bytes("".join(["InvoiceDate,note,CustomerId\r\n", *other]).encode("utf-8-sig"))


@pytest.mark.parametrize("kind", ["several", "parquet"])
def test_every_kind_of_file_says_the_same(kind: str, expected: dict[str, str], tmp_path: Path) -> None:
    if kind == "several":
        several(tmp_path)
    else:
        duckdb.execute(f"COPY (FROM read_csv('{PURCHASES}')) TO '{tmp_path / 'p-1.parquet'}'")
    found = derive(INCIDENT, [CUSTOMERS], [str(tmp_path / "p-*"), str(tmp_path / "p-1*")])
    assert found.purchases == 412  # and no file twice
    assert dict(found.tally.results) == dict(Counter(expected.values()))


def test_parquet_files_of_several_types_keep_what_each_says(tmp_path: Path) -> None:
    for number, people in enumerate(("2", "'02'", "4")):  # as a number, 02 would be customer 2
        what = f"{people} AS CustomerId, TIMESTAMP '2025-06-01' AS InvoiceDate"
        duckdb.execute(f"COPY (SELECT {what}) TO '{tmp_path / f'p-{number}.parquet'}'")
    found = derive(INCIDENT, [CUSTOMERS], [str(tmp_path / "p-*")])
    assert (found.purchases, found.strangers, found.sample) == (3, 1, ("02",))


def test_a_number_is_not_the_customer_whose_reference_has_zeros_before_it(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("CustomerId,Email,Country\n007,amara@mail.example,Spain\n8,bo@mail.example,Spain\n")
    bought = "SELECT unnest([7, 7, 8]) AS CustomerId, TIMESTAMP '2025-06-01' AS InvoiceDate"
    duckdb.execute(f"COPY ({bought}) TO '{tmp_path / 'p.parquet'}'")
    found = derive(INCIDENT, [str(tmp_path / "c.csv")], [str(tmp_path / "p.parquet")])
    assert (found.purchases, found.strangers, found.their_purchases, found.sample) == (3, 1, 2, ("7",))
    assert [matched.sample for matched in found.matched] == [("007",), ("8",)]


def test_parquet_from_elsewhere_says_what_it_means(tmp_path: Path) -> None:
    (folder := tmp_path / "CustomerId=4").mkdir()  # the name of a folder is no column of ours
    when = "TIMESTAMPTZ '2025-04-30 22:00:00+00' AS InvoiceDate"  # the first moment that counts
    said = f"SELECT encode(unnest(['2', 'é'])) AS CustomerId, {when}"  # as bytes
    duckdb.execute(f"COPY ({said}) TO '{folder / 'p.parquet'}'")
    found = derive(INCIDENT, [CUSTOMERS], [str(folder / "p.parquet")])
    assert [(matched.accounts, matched.sample) for matched in found.matched if matched.rule == 3] == [(1, ("2",))]
    assert found.sample == ("é",)


def test_files_are_found_in_several_folders(tmp_path: Path) -> None:
    for folder, lines in (("2024", "2,2024-06-01\n"), ("2025", "4,2025-06-01\n4,2025-06-02\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.csv").write_text(f"CustomerId,InvoiceDate\n{lines}")
    assert derive(INCIDENT, [CUSTOMERS], [str(tmp_path / "*" / "p.csv")]).purchases == 3


def test_it_explains_itself(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("CustomerId,InvoiceDate\n900,2025-06-01\n900,2025-06-02\n2,2025-06-01\n")
    found = derive(INCIDENT, [CUSTOMERS], [str(tmp_path / "p.csv")])
    assert (found.strangers, found.their_purchases, found.sample) == (1, 2, ("900",))
    decided = {matched.rule: (matched.accounts, matched.sample[:1]) for matched in found.matched}
    assert decided[3] == (1, ("2",))
    assert sum(accounts for accounts, _ in decided.values()) == 59
    assert found.tally.countries["DE", "AFFECTED"] == 1


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Iterator[psycopg.Connection]:
    """The same two tables in a warehouse."""
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as line:
        line.execute('CREATE TEMP TABLE customers ("CustomerId" int, "Email" text, "Country" text)')
        line.execute('CREATE TEMP TABLE purchases ("CustomerId" int, "InvoiceDate" timestamp)')
        customers = [(row[0], row[10], row[7]) for row in rows_of(CUSTOMERS)]
        line.cursor().executemany("INSERT INTO customers VALUES (%s, %s, %s)", customers)
        purchases = [(row[1], row[2]) for row in rows_of(PURCHASES)]
        line.cursor().executemany("INSERT INTO purchases VALUES (%s, %s)", purchases)
        yield line


def test_the_company_s_warehouse_gives_the_same_answers(
    expected: dict[str, str], on_postgresql: psycopg.Connection, tmp_path: Path
) -> None:
    query = f"COPY ({Rules(INCIDENT).for_warehouse('postgres')}) TO STDOUT (FORMAT csv, HEADER)"
    with on_postgresql.cursor() as cursor, cursor.copy(query.encode()) as lines:
        (out := tmp_path / "list.csv").write_bytes(b"".join(lines))
    assert {row[0]: row[3] for row in rows_of(out)} == expected
    assert dict(inspect(out, INCIDENT, KeyRing.fresh(), expected=59).tally.results) == dict(Counter(expected.values()))


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_each_warehouse_is_given_one_sound_statement(dialect: str) -> None:
    [statement] = sqlglot.parse(Rules(INCIDENT).for_warehouse(dialect), read=dialect)
    assert statement is not None
    assert statement.named_selects == list(INCIDENT.mapping.columns)
