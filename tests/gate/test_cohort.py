"""The cohort file: signed, readable by its own log-in alone, and right about old and new passwords."""

import inspect
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from flask import Flask

from portal.config import ROOT
from portal.database import Database
from portal.gate import cohort_file, cohorts, example_cohort
from portal.gate.cohorts import Cohorts
from portal.gate.example_cohort import must_reset, opened
from portal.gate.keys import Scope
from portal.incident.file import Incident
from portal.reset import obligations
from portal.sealing import KeyRing
from tests.cast import AMARA, BO
from tests.gate.bench import BRAND, Caller, Locksmith, Work
from tests.journey.duties import accounts, revise
from tests.requirements import requirement
from tests.reset.bench import LONG_AGO
from tests.servers.ground import StillClock

REFS = ("amara-0", "bo-0", "nobody")


@pytest.fixture
def incident(portal: Flask) -> Incident:
    """The example."""
    held: Incident = portal.extensions["incident"]
    return held


def listed(file: bytes, key: str, changed_at: datetime) -> list[str]:
    """Who must reset, had they all changed their password at this moment."""
    _, held = opened(file, key)
    return [one for one in REFS if must_reset(held, key, one, changed_at)]


@requirement("RST-08")
def test_it_names_who_must_reset_unless_the_password_is_young_enough(
    login: Caller, keys: KeyRing, incident: Incident
) -> None:
    answer, key = login.get("/cohort"), cohort_file.key_of(keys, BRAND)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")
    assert listed(answer.data, key, LONG_AGO) == ["amara-0"]
    just_before = incident.password_cut_off - timedelta(seconds=1)
    assert listed(answer.data, key, just_before) == ["amara-0"]
    assert listed(answer.data, key, incident.password_cut_off) == []
    head, _ = opened(answer.data, key)
    assert head["show"]["nl"]["address"] == "http://localhost/?lang=nl"
    assert (head["brand"], head["accounts"]) == (BRAND, 1)


@requirement("RST-08")
def test_what_staff_wants_gone_is_old_up_to_that_moment(
    login: Caller, database: Database, keys: KeyRing, clock: StillClock, work: Work
) -> None:
    amara, _ = accounts(database, keys, AMARA)
    with database.write() as session:
        obligations.require(session, amara.id, 1, now=clock.move(days=1))
    work()
    file, key = login.get("/cohort").data, cohort_file.key_of(keys, BRAND)
    assert listed(file, key, clock() - timedelta(seconds=1)) == ["amara-0"]
    assert listed(file, key, clock()) == []


def test_it_is_asked_for_by_its_etag_and_changes_only_where_it_says_something_new(
    login: Caller, database: Database, keys: KeyRing, work: Work, clock: StillClock
) -> None:
    etag = login.get("/cohort").headers["ETag"]
    again = login.get("/cohort", If_None_Match=etag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    emre_s_brand = accounts(database, keys, AMARA)[1]
    with database.write() as session:
        obligations.settle(session, emre_s_brand.id, obligations.BY_CUSTOMER, now=clock.move(minutes=9))
    work()
    assert login.get("/cohort", If_None_Match=etag).status_code == 304
    (bo,) = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo)
    work()
    fresh = login.get("/cohort", If_None_Match=etag)
    assert fresh.status_code == 200
    assert listed(fresh.data, cohort_file.key_of(keys, BRAND), LONG_AGO) == ["amara-0", "bo-0"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_other_file_is_taken_for_it(login: Caller, keys: KeyRing, locksmith: Locksmith, work: Work) -> None:
    file, key = login.get("/cohort").data, cohort_file.key_of(keys, BRAND)
    head, held = opened(file, key)
    with pytest.raises(ValueError, match="an old one"):
        opened(file, key, newest=head["number"] + 1)
    with pytest.raises(ValueError, match="signed"):
        opened(file[: -len(held)], key)
    with pytest.raises(InvalidSignature):
        opened(file.replace(b'"accounts":1', b'"accounts":0'), key)
    other = Caller(login.client, locksmith.make(name="seatswap", brand="seatswap"))
    sandbox = Caller(login.client, locksmith.make(name="sandbox", sandbox=True))
    work()
    for foreign in (other, sandbox):
        with pytest.raises(InvalidSignature):
            opened(foreign.get("/cohort").data, key)


def test_a_stolen_file_tells_no_names(login: Caller, keys: KeyRing) -> None:
    file, foreign = login.get("/cohort").data, cohort_file.key_of(keys, "seatswap")
    _, held = opened(file, cohort_file.key_of(keys, BRAND))
    assert b"amara" not in file
    assert not must_reset(held, foreign, "amara-0", LONG_AGO)


def test_many_accounts_are_read_page_by_page(
    login: Caller, database: Database, keys: KeyRing, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cohorts, "PAGE", 1)
    (bo,) = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo)
    work()
    assert listed(login.get("/cohort").data, cohort_file.key_of(keys, BRAND), LONG_AGO) == ["amara-0", "bo-0"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_is_made_only_where_a_key_asks_for_it(portal: Flask, locksmith: Locksmith, work: Work) -> None:
    reader = Caller(portal.test_client(), locksmith.make(Scope.READ))
    maker = Cohorts(locksmith.database, locksmith.keys, portal.extensions["incident"], lambda: locksmith.now)
    assert not maker.look()
    keeper = Caller(portal.test_client(), locksmith.make(Scope.COHORT, name="keeper"))
    assert (keeper.get("/cohort").status_code, reader.get("/cohort").status_code) == (503, 403)
    work()
    assert keeper.get("/cohort").status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_can_be_carried_by_hand(login: Caller, portal: Flask, tmp_path: Path) -> None:
    run = portal.test_cli_runner().invoke
    said = run(args=["gate", "cohort", "write", BRAND, str(tmp_path / "cohort")])
    assert "The cohort file of “stagelight-uk” was made" in said.output
    key = run(args=["gate", "cohort", "key", BRAND]).stdout.strip()
    assert listed((tmp_path / "cohort").read_bytes(), key, LONG_AGO) == ["amara-0"]
    assert run(args=["gate", "cohort", "key", "nowhere"]).exit_code == 1


def test_the_readme_shows_how_to_read_it_in_twenty_lines() -> None:
    shown = "\n\n\n".join(inspect.getsource(one).rstrip() for one in (example_cohort.opened, example_cohort.must_reset))
    assert shown in (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(shown.splitlines()) <= 20
