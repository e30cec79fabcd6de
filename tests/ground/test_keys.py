"""`flask keys new` and `flask keys check`: made once, private, and fitting what the database holds."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal.database import Database
from portal.extensions import Ground
from portal.sealing import KeyRing
from tests import cast
from tests.requirements import requirement

pytestmark = [requirement("OPS-07"), requirement("ENG-01")]


@pytest.fixture
def file(portal: Flask) -> Path:
    """The key file of this test's portal."""
    held: Ground = portal.extensions["portal"]
    return held.settings.within(held.settings.keys_file)


def say(portal: Flask, word: str) -> Result:
    portal.extensions["portal"].__dict__.pop("keys", None)
    return portal.test_cli_runner().invoke(args=["keys", word])


def test_new_keys_are_made_for_us_alone(portal: Flask, file: Path) -> None:
    before = file.read_text()
    file.unlink()
    said = say(portal, "new")
    assert said.exit_code == 0, said.output
    assert str(file) in said.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert KeyRing.read(file).written() != before


def test_new_keys_never_replace_those_that_are_there(portal: Flask, file: Path) -> None:
    before = file.read_text()
    said = say(portal, "new")
    assert said.exit_code == 1
    assert "is there already" in said.output
    assert file.read_text() == before


def test_a_ring_that_fits_is_said_to_fit(portal: Flask, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    said = say(portal, "check")
    assert (said.exit_code, said.output.splitlines()) == (
        0,
        [
            "The key ring is private and opens the database (1 of 1 keys in use).",
            "The trail's key ring is private and fits the trail.",
        ],
    )


def test_a_ring_that_others_can_read_is_told_of(portal: Flask, file: Path) -> None:
    file.chmod(0o644)
    said = say(portal, "check")
    assert said.exit_code == 1
    assert f"chmod 600 {file}" in said.output


def test_a_ring_that_does_not_fit_is_told_of(portal: Flask, file: Path, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    file.write_text(KeyRing.fresh().written())
    said = say(portal, "check")
    assert said.exit_code == 1
    assert "does not open what the database holds" in said.output


def test_a_ring_that_lost_a_key_in_use_is_told_of(portal: Flask, file: Path, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    file.write_text(KeyRing({2: KeyRing.fresh().masters[1]}, 2).written())
    said = say(portal, "check")
    assert said.exit_code == 1
    assert "Key 1" in said.output


@pytest.mark.parametrize("damage", ["", "{}"])
def test_a_damaged_ring_is_told_of_by_the_variables_name(portal: Flask, file: Path, damage: str) -> None:
    file.write_text(damage)
    said = say(portal, "check")
    assert said.exit_code == 1
    assert "PORTAL_KEYS_FILE" in said.output
