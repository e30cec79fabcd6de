"""Real customers: an export as it came, loaded through its own incident, counted once more in plain SQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.cohort import tally
from portal.cohort.loading import Loader
from portal.cohort.roster import inspect
from portal.config import ROOT
from portal.database import Database
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX, at_address
from portal.incident import file
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.ground import StillClock

DATA = ROOT / "tests" / "data"
CUSTOMERS = DATA / "customers.csv"

# The rule in words of another kind: Europe was affected, North America was not, of the rest we cannot tell yet.
RESULTS = """
SELECT CASE
         WHEN country IN ('USA', 'Canada') THEN 'NOT_AFFECTED'
         WHEN country IN ('Argentina', 'Australia', 'Brazil', 'Chile', 'India') THEN 'UNKNOWN'
         ELSE 'AFFECTED'
       END AS result, count(*)
FROM export GROUP BY 1 ORDER BY 1
"""
LOADED = "SELECT result, count(*) FROM exposure WHERE until_revision IS NULL GROUP BY 1 ORDER BY 1"
COUNTRIES = "SELECT coalesce(country, ''), count(*) FROM customer GROUP BY 1"


@pytest.fixture
def export(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The export in a table of its own, cut at its commas by hand: none of our code has touched it."""
    lines = CUSTOMERS.read_text(encoding="utf-8").splitlines()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE export (country TEXT, email TEXT)")
        # From the end, because only the first columns hold commas within quotes; the postal code may be empty.
        cells = (line.rsplit(",", 4) for line in lines[1:])
        connection.executemany("INSERT INTO export VALUES (?, ?)", [(one[1], one[4]) for one in cells])
        yield connection


@pytest.fixture
def loaded(database: Database, keys: KeyRing, clock: StillClock) -> Database:
    """A database with the real customers in revision 1."""
    incident = file.read(DATA / "chinook")
    roster = inspect(CUSTOMERS, incident, keys, expected=59)
    Loader(database, keys, incident, clock, "operator").load(roster, lambda _: None)
    return database


@requirement("ENG-01")
def test_every_count_agrees_with_plain_sql(loaded: Database, export: sqlite3.Connection) -> None:
    with loaded.read() as session:
        counted = [tuple(row) for row in session.execute(text(LOADED))]
        counts = tally.of_revision(session, 1)
    assert counted == export.execute(RESULTS).fetchall()
    assert dict(counted) == dict(counts.results)
    assert counts.accounts == 59
    assert sum(result == "AFFECTED" for _, result in counts.countries) == 17


@requirement("ENG-01")
def test_every_country_is_counted_as_often_as_it_was_exported(loaded: Database, export: sqlite3.Connection) -> None:
    with loaded.read() as session:
        ours = sorted(number for _, number in session.execute(text(COUNTRIES)))
    theirs = sorted(number for (number,) in export.execute("SELECT count(*) FROM export GROUP BY country"))
    assert ours == theirs


@requirement("EML-03")
def test_everybody_is_found_at_the_address_that_was_exported(
    loaded: Database, export: sqlite3.Connection, keys: KeyRing
) -> None:
    with loaded.read() as session:
        for (email,) in export.execute("SELECT email FROM export"):
            index = keys.mac(ADDRESS_INDEX, read(email.upper() if email.isascii() else email).canonical)
            assert len(at_address(session, [index])) == 1


def test_the_same_list_again_is_a_revision_that_changes_nothing(
    loaded: Database, keys: KeyRing, clock: StillClock
) -> None:
    incident = file.read(DATA / "chinook")
    loader = Loader(loaded, keys, incident, clock, "operator")
    number, written = loader.load(inspect(CUSTOMERS, incident, keys), lambda _: None)
    assert (number, written.new, written.changed, written.same) == (2, 0, 0, 59)
