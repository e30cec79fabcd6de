"""`flask incident` answers in sentences, and its exit code says the same."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal import create_app
from portal.config import HalfConfigured
from tests.incident.folders import Copy
from tests.servers.ground import MakeSettings


@pytest.fixture
def app(settings: MakeSettings) -> Flask:
    """An installation with the example incident."""
    return create_app(settings())


def run(app: Flask, *words: str | Path) -> Result:
    """One command."""
    return app.test_cli_runner().invoke(args=["incident", *map(str, words)])


def test_check_praises_a_file_that_can_be_used(app: Flask) -> None:
    said = run(app, "check")
    assert said.exit_code == 0
    assert said.output == (
        "“Chat widget, June 2018” can be used: 4 brands; 1 rule; languages en, nl."
        " Its pages open at 2018-06-28 09:00 (Europe/London).\n"
    )


def test_check_names_each_fault_and_counts_them(app: Flask, copied: Copy) -> None:
    copied.change("incident.toml", "purge =", "purrge =")
    said = run(app, "check", copied.path)
    assert said.exit_code == 1
    assert "incident.toml, line 8, purrge: does not belong here. Remove it" in said.output
    assert said.output.endswith(f"2 faults to mend in {copied.path}.\n")


def test_new_copies_the_example_once(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert run(app, "new", folder).exit_code == 0
    assert run(app, "check", folder).exit_code == 0
    assert run(app, "new", folder).exit_code == 1


def test_nothing_serves_with_a_broken_file(settings: MakeSettings, copied: Copy) -> None:
    copied.change("incident.toml", "purge =", "purrge =")
    with pytest.raises(HalfConfigured, match="purrge"):
        create_app(settings(incident=copied.path / "incident.toml"))


def test_production_refuses_plain_http(settings: MakeSettings) -> None:
    said = {"environment": "production", "postbox": "smtp", "smtp_host": "relay.example"}
    with pytest.raises(HalfConfigured, match="not encrypted"):
        create_app(settings(**said, origin="http://localhost:8000"))


def test_an_origin_of_the_settings_is_checked_too(settings: MakeSettings) -> None:
    with pytest.raises(HalfConfigured, match=r"PORTAL_ORIGIN: .* is not an origin"):
        create_app(settings(origin="https://incident.stagelight.example/path"))


def test_check_says_where_the_portal_itself_stays_english(app: Flask, copied: Copy) -> None:
    copied.change("incident.toml", '["en", "nl"]', '["en", "de"]')
    (copied.path / "nl").rename(copied.path / "de")
    said = run(app, "check", copied.path)
    assert said.exit_code == 0
    assert "The portal's own words are not in “de” yet" in said.output
    assert "“en”" not in said.output
