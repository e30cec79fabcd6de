"""Look-ups in numbers, and their export: two people agree, an auditor takes it out, and each row says so."""

import csv
import io
import re

import pytest
from sqlalchemy import update

from portal.audit.events import Event
from portal.database import Database
from portal.lookups import searches
from portal.lookups.looks import RecordLook
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import BO, settle
from tests.console.bench import Colleague, Office
from tests.console.records import search, sheet_of, trail_of
from tests.requirements import requirement
from tests.visitor import Answer

SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')
DAY = {"since": "2018-07-02", "until": "2018-07-02", "reason": "audit"}


@pytest.fixture
def chen(office: Office, database: Database, keys: KeyRing) -> Colleague:
    """An agent, who has looked at bo's record."""
    settle(database, keys)
    chen = office.seat("chen", Role.AGENT)
    chen.get(sheet_of(chen, BO))
    return chen


@pytest.fixture
def lead(office: Office, chen: Colleague) -> Colleague:
    """An admin, on the day after."""
    office.clock.move(days=1)
    return office.seat("lead", Role.ADMIN)


def take(colleague: Colleague, number: int = 1) -> Answer:
    return colleague.do(f"/staff/lookups/exports/{number}", fresh=True)


def agree(office: Office, lead: Colleague) -> None:
    """Propose the export of chen's day, and let a second person agree."""
    told = lead.do("/staff/lookups/exports", page="/staff/lookups", fresh=True, **DAY)
    assert told.status == 303, told.text
    dilys = office.seat("dilys", Role.APPROVER)
    page = dilys.get(told.location)
    assert "Export the look-ups of the staff" in page.text
    found = SEEN.search(page.text)
    assert found
    said = {"reason": "contents-checked", "seen": found[1]}
    assert dilys.do(f"{told.location}/approval", fresh=True, **said).status == 303


def test_the_numbers_stand_against_the_limits(office: Office, chen: Colleague) -> None:
    assert chen.person
    with office.database.write() as session:
        for _ in range(60):
            searches.begin(session, chen.person.id, "address", "customer-asked", now=office.clock())
    search(chen, BO.address)
    lead = office.seat("lead", Role.ADMIN)
    text = " ".join(re.sub(r"<[^>]*>", " ", lead.get("/staff/lookups").text).split())
    for words in ("chen 2 searches too many", "60 of 60 searches in this hour", "60 of 200 in a day", "1 record read"):
        assert words in text
    office.clock.move(days=1)
    lead.sign_in()
    assert "Nobody searched." in lead.get("/staff/lookups").text


@requirement("STF-18")
def test_an_export_needs_two_people_and_an_auditor(office: Office, chen: Colleague, lead: Colleague) -> None:
    auditor = office.seat("emre", Role.AUDITOR)
    assert take(auditor).status == 404
    agree(office, lead)
    assert take(auditor).status == 404
    lead.work()
    assert (take(lead).status, take(office.seat("fatou", Role.AGENT)).status) == (403, 403)
    told = take(auditor)
    assert (told.status, told.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert told.headers["Content-Disposition"] == 'attachment; filename="look-ups-1.csv"'
    rows = list(csv.DictReader(io.StringIO(told.text, newline="")))
    assert [(row["what"], row["reason"], row["role"]) for row in rows] == [
        ("search", "customer-asked", ""),
        ("search", "customer-asked", "agent"),
        ("sheet", "customer-asked", "agent"),
    ]
    assert {row["taken out by"] for row in rows} == {auditor.person.actor}  # type: ignore[union-attr]
    assert {row["agreed on in"] for row in rows} == {"proposal 1"}
    assert "bo" not in {*re.findall(r"\w+", told.text)}
    assert "@" not in told.text
    assert [entry.subject for entry in trail_of(office.database, Event.LOOKUPS_EXPORTED)] == ["proposal 1"]


@requirement("STF-18")
@requirement("STF-03")
def test_an_export_ends_after_a_week_and_wants_a_fresh_passkey(office: Office, lead: Colleague) -> None:
    agree(office, lead)
    lead.work()
    office.clock.move(days=6)
    auditor = office.seat("emre", Role.AUDITOR)
    office.clock.move(minutes=6)
    assert auditor.do("/staff/lookups/exports/1").status == 403
    assert take(auditor).status == 200
    office.clock.move(days=1)
    auditor.sign_in()
    assert take(auditor).status == 404


@requirement("STF-18")
def test_rows_that_changed_since_are_not_taken_out(office: Office, lead: Colleague) -> None:
    told = lead.do("/staff/lookups/exports", page="/staff/lookups", fresh=True, **DAY)
    assert told.status == 303
    agree(office, lead)
    with office.database.write() as session:
        session.execute(update(RecordLook).values(at=office.clock()))
    lead.work()
    assert take(office.seat("emre", Role.AUDITOR)).status == 404


@pytest.mark.parametrize(
    "said",
    [
        {"until": "2018-07-03"},
        {"since": "2018-07-03"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": ""},
        {"until": "soon"},
        {"reason": ""},
    ],
)
def test_only_days_that_are_over_are_exported(lead: Colleague, said: dict[str, str]) -> None:
    told = lead.do("/staff/lookups/exports", page="/staff/lookups", fresh=True, **{**DAY, **said})
    assert told.status == 400


@requirement("STF-18")
def test_a_cell_that_begins_like_a_formula_is_quoted(office: Office, lead: Colleague) -> None:
    with office.database.write() as session:
        session.execute(update(RecordLook).values(reason="=1+1"))
    agree(office, lead)
    lead.work()
    assert '"\'=1+1"' in take(office.seat("emre", Role.AUDITOR)).text
