"""`flask cohort derive`: explains itself, writes only where it is told to, prints the rules for a warehouse."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal.approvals import door as approvals
from portal.cohort import tally
from portal.cohort.commands import cohort
from portal.cohort.door import REVISION
from portal.config import ROOT
from portal.database import Database
from portal.extensions import Ground
from portal.incident import file
from tests.servers.databases import url_of
from tests.servers.ground import EXAMPLE, MakeSettings, StillClock

DATA = ROOT / "tests" / "data"
CUSTOMERS, PURCHASES = DATA / "customers.csv", DATA / "invoices.csv"

Say = Callable[..., Result]


def speaker(incident: Path) -> Say:
    """Says `cohort derive` with an incident."""
    app = Flask("portal")
    app.extensions["incident"] = file.read(incident)
    app.cli.add_command(cohort)
    return lambda *words: app.test_cli_runner().invoke(args=["cohort", "derive", *map(str, words)])


@pytest.fixture
def derive() -> Say:
    """Says it with the incident of the real purchases."""
    return speaker(DATA / "chinook-purchases")


def test_it_explains_and_writes_nothing_unless_told_where(derive: Say) -> None:
    told = derive(CUSTOMERS, PURCHASES)
    assert told.exit_code == 0
    assert "Read: 59 customers, 412 purchases." in told.output
    assert re.search(r"│ 2 +│ country GB; since 2025-05-01 00:00; before +│ affected +│ +2 │ 52, 54", told.output)
    assert re.search(r"│ – +│ all others +│ cannot tell yet +│ +12 │ 2, 34, 35", told.output)
    assert "Accounts by rule" in told.output
    assert "Accounts by country" in told.output
    assert "Nothing was written" in told.output
    assert "@" not in told.output


def test_purchases_of_nobody_are_named(derive: Say, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("CustomerId,InvoiceDate\n2,2025-06-01\n[red],2025-06-01\n900,2025-06-01\n")
    told = derive(CUSTOMERS, tmp_path / "p.csv")
    assert "Unmatched: 2 purchases of 2 references that no customer has, such as 900, [red]." in told.output


def test_what_was_derived_can_be_loaded(
    derive: Say, database: Database, settings: MakeSettings, clock: StillClock, tmp_path: Path
) -> None:
    to, told = tmp_path / "list.csv", derive(CUSTOMERS, PURCHASES, "--to", tmp_path / "list.csv")
    assert f"look at it with `flask cohort load {to}`" in told.output
    app = Flask("portal")
    ground = Ground(settings(database_url=url_of(database)), clock)
    app.extensions.update(portal=ground, incident=file.read(DATA / "chinook-purchases"))
    approvals.init_app(app, [REVISION], approvals.nobody_else)
    app.cli.add_command(cohort)
    loaded = app.test_cli_runner().invoke(args=["cohort", "load", str(to), "--for-real"])
    ground.database.close()
    assert "Revision 1 is committed, by you alone: 59 new accounts" in loaded.output
    with database.read() as session:
        counts = tally.of_revision(session, 1).results
    assert counts == {"NOT_AFFECTED": 21, "AFFECTED": 18, "UNKNOWN": 12, "UNDER_REVIEW": 8}


def test_the_list_is_written_once(derive: Say, tmp_path: Path) -> None:
    to = tmp_path / "list.csv"
    assert "No answer has changed." in derive(CUSTOMERS, PURCHASES, "--to", to).output
    assert to.read_text(encoding="utf-8").startswith("CustomerId,Email,Country,Result,Categories\n")
    again = derive(CUSTOMERS, PURCHASES, "--to", to)
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    nowhere = derive(CUSTOMERS, PURCHASES, "--to", tmp_path / "none" / "list.csv")
    assert (nowhere.exit_code, "cannot be put there: No such file or directory." in nowhere.output) == (1, True)


def test_refusals_are_told_in_words(derive: Say, tmp_path: Path) -> None:
    bad = tmp_path / "p.csv"
    bad.write_text("CustomerId,InvoiceDate\n1,yesterday\n")
    told = derive(CUSTOMERS, bad)
    assert told.exit_code == 1
    assert "The exports are refused whole; nothing was written." in told.output
    assert "line 2: a moment that is not spelled like" in told.output
    assert "yesterday" not in told.output
    assert "Name an export of customers" in derive(CUSTOMERS).output
    assert "Add [purchases]" in speaker(EXAMPLE)(CUSTOMERS, PURCHASES).output


def test_a_warehouse_is_given_its_own_words(derive: Say) -> None:
    told = derive("--print-sql", "bigquery")
    assert told.exit_code == 0
    assert "`InvoiceDate`" in told.output
    assert told.output.rstrip().endswith(";")
