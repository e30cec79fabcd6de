"""Cells: nothing that somebody typed becomes a formula in a spreadsheet."""

import csv
import io

import pytest

from portal.cells import safe, table
from tests.requirements import requirement

FULLWIDTH = ["\uff1d1", "\uff0b1", "\uff0d1", "\uff20x"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", *FULLWIDTH, "=cmd|' /C calc'!A0"]


@requirement("STF-18")
@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_calculate_gets_a_quote(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "member:1", "2018-07-02T09:00:00+00:00", "’quoted’", 7])
def test_everything_else_stays_as_it_is(text: object) -> None:
    assert safe(text) == str(text)


@requirement("STF-18")
def test_a_table_can_be_read_again_whatever_it_holds() -> None:
    rows = [['a "quoted", one', "two\nlines"], ["=1", "é"]]
    read = list(csv.reader(io.StringIO(table(["x", "y"], rows), newline="")))
    assert read == [["x", "y"], rows[0], ["'=1", "é"]]
