"""The trail in the console: found by kind, actor, subject and day, newest first; each look is written down."""

import pytest
from sqlalchemy import select

from portal.audit import trail
from portal.audit.events import Event
from portal.audit.reading import PAGE
from portal.audit.trail import AuditEvent
from portal.members.roles import Role
from tests.console.bench import Colleague, Office


@pytest.fixture
def emre(office: Office) -> Colleague:
    """An auditor."""
    return office.seat("emre", Role.AUDITOR)


def write(office: Office, kind: Event, actor: str, subject: str) -> None:
    with office.database.write() as session:
        trail.record(session, kind, now=office.clock(), actor=actor, subject=subject, mark=f"{actor}-{subject}")


def looks(office: Office) -> list[dict[str, object]]:
    with office.database.read() as session:
        kind = AuditEvent.kind == Event.TRAIL_READ.value
        return list(session.scalars(select(AuditEvent.details).where(kind).order_by(AuditEvent.id)))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", {"one", "two"}),
        ("kind=link:sent", {"one"}),
        ("actor=worker", {"one"}),
        ("subject=two", {"two"}),
        ("kind=link:sent&subject=two", set()),
        ("day=2018-07-02", {"one"}),
        ("day=2018-07-03", {"two"}),
        ("day=2018-07-04", set()),
    ],
)
def test_entries_are_found(office: Office, search: str, found: set[str]) -> None:
    write(office, Event.LINK_SENT, "worker", "one")
    office.clock.move(days=1)
    write(office, Event.VISIT_LEFT, "customer", "two")
    office.clock.move(days=2)
    emre = office.seat("emre", Role.AUDITOR)
    text = emre.get(f"/staff/trail?{search}").text
    assert {name for name in ("one", "two") if f"-{name} " in text} == found


def test_each_look_is_written_down(office: Office, emre: Colleague) -> None:
    emre.get("/staff/trail")
    emre.get("/staff/trail?kind=link:sent&actor=worker&subject=x&day=2018-07-02")
    assert looks(office) == [
        {},
        {"what": "link:sent", "by": "worker", "about": "x", "since": "2018-07-02T00:00:00+01:00"},
    ]


def test_a_member_is_shown_by_name(emre: Colleague) -> None:
    assert "emre →" in emre.get("/staff/trail").text


def test_older_entries_are_one_press_away(office: Office, emre: Colleague) -> None:
    for number in range(PAGE + 3):
        write(office, Event.VISIT_LEFT, "customer", f"number-{number}")
    first = emre.get("/staff/trail?kind=visit:left")
    assert "Older entries" in first.text
    with office.database.read() as session:
        seen = session.scalar(select(AuditEvent.id).where(AuditEvent.subject == "number-3"))
    second = emre.get(f"/staff/trail?kind=visit:left&before={seen}")
    assert "number-2 " in second.text
    assert "number-3 " not in second.text
    assert "Older entries" not in second.text


@pytest.mark.parametrize("search", ["kind=nonsense", "day=yesterday", f"actor={'x' * 81}"])
def test_a_search_that_cannot_be_read_shows_nothing(office: Office, emre: Colleague, search: str) -> None:
    assert emre.get(f"/staff/trail?{search}").status == 400
    assert looks(office) == []


def test_whether_an_entry_is_sealed_is_said(emre: Colleague) -> None:
    assert "not sealed yet" in emre.get("/staff/trail").text
    emre.work()
    assert "entry 1" in emre.get("/staff/trail").text
