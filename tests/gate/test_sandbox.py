"""The sandbox: the cast stands as it stands, in every question, and nothing that is said of it is kept."""

import pytest
from flask import Flask

from portal.database import Database
from portal.gate import cohort_file
from portal.gate.example_cohort import must_reset, opened
from portal.gate.ledgers import SANDBOX
from portal.sealing import KeyRing
from tests.gate.bench import Caller, Locksmith
from tests.identity.bench import everything
from tests.reset.bench import LONG_AGO
from tests.servers.ground import StillClock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def sandbox(cast: None, portal: Flask, locksmith: Locksmith) -> Caller:
    """A log-in that is being built."""
    return Caller(portal.test_client(), locksmith.make(sandbox=True))


def test_the_cast_can_be_asked_for_and_real_accounts_cannot(sandbox: Caller) -> None:
    stands = {name: sandbox.stands(name) for name in ("amara", "bo", "emre", "fatou", "amara-0")}
    nowhere = ("not_listed", 0)
    assert stands == {
        "amara": ("must_reset", 1), "bo": nowhere, "emre": ("cleared", 2), "fatou": nowhere, "amara-0": nowhere,
    }  # fmt: skip
    assert sandbox.get("/accounts/amara").get_json()["show"]["address"] == "http://localhost/?lang=en"
    told = sandbox.post("/accounts:batch", {"refs": ["emre", "amara"]}).get_json()["accounts"]
    assert [one["state"] for one in told] == ["cleared", "must_reset"]


def test_its_changes_are_told_page_by_page(sandbox: Caller, locksmith: Locksmith) -> None:
    first = sandbox.changes(limit=1)
    second = sandbox.changes(first["cursor"], limit=1)
    assert [one["ref"] for page in (first, second) for one in page["changes"]] == ["amara", "emre"]
    assert (first["more"], second["more"], sandbox.changes(second["cursor"])["changes"]) == (True, False, [])
    real = Caller(sandbox.client, locksmith.make(name="real"))
    assert real.get(f"/changes?after={first['cursor']}").status_code == 410


def test_clearing_is_answered_and_not_kept(sandbox: Caller, database: Database) -> None:
    before = everything(database)
    answer = sandbox.post("/accounts/amara/cleared", {"epoch": 1}).get_json()
    assert (answer["state"], answer["epoch"]) == ("cleared", 2)
    assert sandbox.post("/accounts/amara/cleared", {"epoch": 7}).status_code == 409
    assert sandbox.post("/accounts/bo/cleared", {"epoch": 7}).get_json()["state"] == "not_listed"
    assert everything(database) == before
    assert sandbox.stands("amara") == ("must_reset", 1)


def test_its_cohort_file_has_amara_in_it(sandbox: Caller, keys: KeyRing) -> None:
    answer, key = sandbox.get("/cohort"), cohort_file.key_of(keys, SANDBOX)
    _, held = opened(answer.data, key)
    assert [name for name in ("amara", "bo", "emre") if must_reset(held, key, name, LONG_AGO)] == ["amara"]
    assert sandbox.get("/cohort", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_the_gate_is_open_before_the_incident_is_published(sandbox: Caller, clock: StillClock) -> None:
    clock.move(days=-30)
    assert sandbox.stands("amara") == ("must_reset", 1)
    assert sandbox.client.get("/").status_code == 503
