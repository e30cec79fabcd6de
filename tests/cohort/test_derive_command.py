"""`flask cohort derive`: explains itself, writes only where it is told to, prints the rules for a warehouse."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal.cohort.commands import cohort
from portal.config import ROOT
from portal.incident import file
from tests.servers.ground import EXAMPLE

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
    assert "Accounts by rule" in told.output
    assert "Accounts by country" in told.output
    assert "Nothing was written" in told.output
    assert "@" not in told.output


def test_the_list_is_written_once(derive: Say, tmp_path: Path) -> None:
    to = tmp_path / "list.csv"
    assert "No answer has changed." in derive(CUSTOMERS, PURCHASES, "--to", to).output
    assert to.read_text(encoding="utf-8").startswith("CustomerId,Email,Country,Result,Categories\n")
    again = derive(CUSTOMERS, PURCHASES, "--to", to)
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    assert derive(CUSTOMERS, PURCHASES, "--to", tmp_path / "none" / "list.csv").exit_code == 1


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
