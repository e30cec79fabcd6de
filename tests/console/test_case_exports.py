"""Cases as a table for the company's own help desk: metadata only, two people, marked, and nothing that calculates."""

import csv
import io

import pytest
from sqlalchemy import update

from portal.audit.events import Event
from portal.cases.case import Case, show_number
from portal.members.roles import Role
from tests.cases.bench import SENTENCE
from tests.console.bench import Colleague, Office
from tests.console.cases import answer, take, written
from tests.console.records import trail_of
from tests.console.test_inbox import approve
from tests.requirements import requirement
from tests.visitor import Answer

pytestmark = pytest.mark.usefixtures("cast")
DAY = {"since": "2018-07-02", "until": "2018-07-02", "reason": "help-desk"}


def agreed(office: Office) -> Colleague:
    """Let an admin propose the export of the first day, an approver agree on the day after; returns an auditor."""
    office.clock.move(days=1)
    lead = office.seat("lead", Role.ADMIN)
    told = lead.do("/staff/desk/exports", page="/staff/desk/exports", fresh=True, **DAY)
    assert told.status == 303, told.text
    assert approve(office.seat("dilys", Role.APPROVER), told.location, fresh=True).status == 303
    office.work()
    return office.seat("emre", Role.AUDITOR)


def download(who: Colleague) -> Answer:
    """Take the export out."""
    return who.do("/staff/desk/exports/1", fresh=True)


@requirement("STF-18")
def test_two_people_agree_and_an_auditor_takes_metadata_out(office: Office) -> None:
    case = written(office, address="emre@mail.example")
    chen = office.seat("chen", Role.AGENT)
    take(chen, case)
    answer(chen, case, "Please look in your spam folder.")
    auditor = agreed(office)
    told = download(auditor)
    assert (told.status, told.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    [row] = csv.DictReader(io.StringIO(told.text, newline=""))
    assert (row["number"], row["state"], row["about"]) == (show_number(case.number), "ANSWERED", "other")
    assert auditor.person
    assert (row["taken out by"], row["agreed on in"]) == (auditor.person.actor, "proposal 1")
    for word in (SENTENCE, "emre@", "spam", case.phrase):
        assert word not in told.text
    assert [entry.subject for entry in trail_of(office.database, Event.CASES_EXPORTED)] == ["proposal 1"]


@requirement("STF-18")
def test_nobody_takes_it_out_alone_nor_after_a_week(office: Office) -> None:
    written(office)
    auditor = agreed(office)
    for name, role in (("gus", Role.ADMIN), ("hana", Role.AGENT)):
        assert download(office.seat(name, role)).status == 403
    assert auditor.do("/staff/lookups/exports/1", fresh=True).status == 404
    office.clock.move(days=7, seconds=1)
    auditor.sign_in()
    assert download(auditor).status == 404


@requirement("STF-18")
def test_a_cell_that_begins_like_a_formula_is_quoted(office: Office) -> None:
    written(office)
    with office.database.write() as session:
        session.execute(update(Case).values(locale="=cmd|'/C'!A0"))
    assert "\"'=cmd|" in download(agreed(office)).text
