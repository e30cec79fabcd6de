"""Real customers: an export as it came, loaded by the command, answered by real processes and a real mail server."""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.config import ROOT
from portal.database import Database
from tests.letters import Letter, at_relay
from tests.requirements import requirement
from tests.servers.processes import Install, Installation
from tests.servers.relay import Relay
from tests.visitor import Visitor

DATA = ROOT / "tests" / "data"
# Somebody whose address has letters outside ASCII, and one each who was spared and of whom we cannot tell yet.
WALKERS = ("stanisław.wójcik@wp.pl", "ftremblay@gmail.com", "luisg@embraer.com.br")
STRANGER = "fatou@mail.example"
ANSWERS = {
    "AFFECTED": "Your account was part of the incident: data of yours was copied.",
    "NOT_AFFECTED": "Your account was not part of the incident.",
    "UNKNOWN": "We cannot tell yet whether your account was part of the incident.",
}
# The rules once more, in plain SQL over the plain export.
ANSWER = """
    SELECT CASE
        WHEN Country IN ('USA', 'Canada') THEN 'NOT_AFFECTED'
        WHEN Country IN ('Austria', 'Belgium', 'Czech Republic', 'Denmark', 'Finland', 'France', 'Germany', 'Hungary',
                         'Ireland', 'Italy', 'Netherlands', 'Norway', 'Poland', 'Portugal', 'Spain', 'Sweden',
                         'United Kingdom') THEN 'AFFECTED'
        ELSE 'UNKNOWN' END AS answer, Email FROM export
"""


@pytest.fixture
def export(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The export as a table."""
    with closing(sqlite3.connect(":memory:")) as connection, (DATA / "customers.csv").open(encoding="utf-8") as lines:
        connection.execute("CREATE TABLE export (Country TEXT, Email TEXT)")
        connection.executemany("INSERT INTO export VALUES (:Country, :Email)", csv.DictReader(lines))
        yield connection


@pytest.fixture
def portal(install: Install) -> Installation:
    """A portal of its own for the real customers, loaded by the command."""
    site = install(incident=DATA / "chinook" / "incident.toml", log_level="DEBUG")
    loaded = site.flask("cohort", "load", str(DATA / "customers.csv"), "--expect-rows", "59", "--for-real")
    assert loaded.returncode == 0, loaded.stderr
    return site


def walk(visitor: Visitor, address: str) -> tuple[Letter, str]:
    """Ask, read the letter, follow its link: the letter and the page of the answer."""
    assert visitor.ask(address).location == "/sent"
    letter = visitor.letter(address)
    assert visitor.follow(letter).location == "/status"
    return letter, unescape(visitor.get("/status").text)


@requirement("ENG-01")
@requirement("EML-03")
@requirement("LNK-05")
def test_three_real_customers_and_a_stranger_walk_through_a_real_relay(
    portal: Installation, relay: Relay, database: Database, export: sqlite3.Connection
) -> None:
    with database.read() as session:
        told = session.execute(text("SELECT result, count(*) FROM exposure GROUP BY result ORDER BY result")).all()
    expected = export.execute(f"SELECT answer, count(*) FROM ({ANSWER}) GROUP BY answer ORDER BY answer").fetchall()
    assert [tuple(row) for row in told] == expected
    assert sum(count for _, count in expected) == 59
    web, worker = portal.web(), portal.worker()
    visitors = {address: portal.visitor(at_relay(relay)) for address in WALKERS}
    secrets = [STRANGER, *WALKERS]
    for address, visitor in visitors.items():
        [(answer,)] = export.execute(f"SELECT answer FROM ({ANSWER}) WHERE Email = ?", [address]).fetchall()
        letter, page = walk(visitor, address)
        assert [name for name, sentence in ANSWERS.items() if sentence in page] == [answer]
        assert relay.to(address)[0].sender == "incident@chinook.example"
        secrets += [letter.token, letter.code, letter.code.replace("-", ""), letter.stop_token, letter.public_id]
        secrets += [cookie.value for cookie in visitor.browser.session.cookies]  # type: ignore[attr-defined]
    stranger = portal.visitor(at_relay(relay))
    stranger.ask(STRANGER)
    assert "no account under this address" in stranger.letter(STRANGER).plain
    assert stranger.get("/status").location == "/"
    assert len(relay.letters) == 4
    logs = web.log() + worker.log()
    assert '"endpoint": "identity.prove"' in logs
    assert [secret for secret in secrets if secret in logs] == []
