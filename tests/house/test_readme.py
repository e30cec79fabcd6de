"""The README tells the truth: its tables of settings, limits and events are those of the code."""

import re

import pytest

from portal.config import ROOT
from tests.house import tables

README = ROOT / "README.md"


@pytest.mark.parametrize("rows", [tables.settings(), tables.ledger()], ids=["settings", "limits"])
def test_the_readme_has_each_row_as_the_code_says_it(rows: list[str]) -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert [row for row in rows if row not in lines] == []


def test_the_readme_has_each_event_and_no_other() -> None:
    told = re.findall(r"^(\| `\w+:[\w ]+` \|) \S", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(tables.events())


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    known = {row.split("`")[1] for row in tables.settings()}
    assert set(re.findall(r"PORTAL_[A-Z_]+", README.read_text(encoding="utf-8"))) <= known


def test_the_readme_shows_the_two_commands_on_its_first_screen() -> None:
    first_screen = README.read_text(encoding="utf-8").splitlines()[:40]
    assert {"make demo", "make test"} <= {word for line in first_screen for word in re.findall(r"make \w+", line)}
