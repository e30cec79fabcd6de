"""The customer behind a case: opened or uncovered by whoever works on it, for a reason that the customer hears."""

import pytest

from portal.audit.events import Event
from portal.database import Database
from portal.limits import UNMASKINGS_PER_MEMBER
from portal.lookups import looks
from portal.lookups.looks import Looker
from portal.members.roles import Role
from tests.cases.bench import cases_in, come_back, receipt, write, write_own
from tests.cast import BO, EMRE
from tests.console.bench import Colleague, Office
from tests.console.cases import act, as_it_is, place, take
from tests.console.records import looks_of, trail_of
from tests.requirements import requirement
from tests.visitor import Answer, Visitor

pytestmark = pytest.mark.usefixtures("cast")


def open_record(who: Colleague, database: Database, **said: str) -> Answer:
    """Open the record of bo from the newest case."""
    case, [account] = cases_in(database)[-1], {str(one.customer_id) for one in cases_in(database)}
    return act(who, case, "record", **{"account": account, "reason": "fraud-suspected", **said})


def uncover(who: Colleague, database: Database, *, fresh: bool = True, reason: str = "second-look") -> Answer:
    """Uncover the address that the newest case claims."""
    case = cases_in(database)[-1]
    version, page = str(case.version), place(case)
    return who.do(f"{page}/uncovering", page=page, fresh=fresh, version=version, reason=reason)


@requirement("STF-08")
@requirement("STF-12")
def test_whoever_works_on_a_case_opens_its_record_for_an_hour(
    office: Office, chen: Colleague, visitor: Visitor, database: Database
) -> None:
    visitor.arrive(BO.address)
    write_own(visitor)
    [case] = cases_in(database)
    sheet = f"/staff/customers/{case.customer_id}"
    assert open_record(chen, database).status == 409
    assert chen.get(sheet).status == 403
    take(chen, case)
    assert open_record(chen, database).location == sheet
    assert (chen.get(sheet).status, office.seat("gita", Role.AGENT).get(sheet).status) == (200, 403)
    assert [entry.details["reason"] for entry in trail_of(database, Event.RECORD_OPENED)] == ["fraud-suspected"]
    told = visitor.get("/help/mine").text
    for words in ("Opened the record, to work on a message to us", "We suspect fraud", "Read what was written to us"):
        assert words in told
    office.clock.move(hours=1)
    chen.sign_in()
    assert chen.get(sheet).status == 403


@requirement("STF-08")
@requirement("STF-11")
def test_only_the_cases_own_record_opens_and_only_for_a_reason(
    office: Office, chen: Colleague, visitor: Visitor, database: Database
) -> None:
    visitor.arrive(BO.address)
    write_own(visitor)
    [case] = cases_in(database)
    take(chen, case)
    for said in ({"reason": ""}, {"reason": "curious"}, {"account": str(case.id)}, {"account": ""}):
        assert open_record(chen, database, **said).status == 400
    assert chen.person
    office.narrow(chen.person, "seatswap")
    said = {"version": "2", "account": str(case.customer_id), "reason": "fraud-suspected"}
    assert chen.do(f"{place(case)}/record", **said).status == 404
    assert looks.CASE not in [look.what for look in looks_of(database)]


@requirement("STF-08")
def test_a_case_cannot_be_read_unseen(chen: Colleague, visitor: Visitor, database: Database) -> None:
    number, phrase = receipt(visitor, write(visitor))
    assert "Nobody of our staff has read it yet" in come_back(visitor, number, phrase).text
    [case] = cases_in(database)
    assert chen.do(f"{place(case)}/notes", version="1", note="").status == 400
    assert [(look.what, look.case_id, look.customer_id) for look in looks_of(database)] == [
        ("case-read", case.id, None)
    ]
    assert len(trail_of(database, Event.CASE_SEEN)) == 1
    chen.get(place(case))
    told = come_back(visitor, number, phrase).text
    assert told.count("Our help desk: Read what was written to us. The customer asked us for help.") == 1
    assert "chen" not in told


@requirement("STF-03")
@requirement("STF-06")
def test_a_claimed_address_is_masked_and_uncovered_with_a_passkey_and_a_reason(
    office: Office, chen: Colleague, visitor: Visitor, database: Database
) -> None:
    number, phrase = receipt(visitor, write(visitor, contact=EMRE.address))
    [case] = cases_in(database)
    assert "m…le" not in chen.get(place(case)).text
    take(chen, case)
    page = chen.get(place(case)).text
    assert ("e…@m…le" in page, EMRE.address in page) == (True, False)
    assert uncover(chen, database, reason="").status == 400
    told = uncover(chen, database)
    assert (told.status, EMRE.address in told.text) == (200, True)
    assert EMRE.address not in chen.get(place(case)).text
    office.clock.move(minutes=6)
    assert uncover(chen, database, fresh=False).status == 403
    [entry] = trail_of(database, Event.RECORD_UNMASKED)
    assert (entry.subject, entry.details) == (case.subject, {"field": "contact", "reason": "second-look"})
    assert "Uncovered the email address" in come_back(visitor, number, phrase).text


@requirement("STF-06")
@requirement("STF-12")
def test_claimed_addresses_count_among_the_few_fields_of_an_hour(
    office: Office, chen: Colleague, visitor: Visitor, database: Database
) -> None:
    receipt(visitor, write(visitor, contact=EMRE.address))
    [case] = cases_in(database)
    assert uncover(chen, database).status == 409
    take(chen, case)
    assert chen.person
    looker = Looker(chen.person.id, "agent", "second-look", case=case.id)
    with database.write() as session:
        for _ in range(UNMASKINGS_PER_MEMBER.amount):
            looks.note(session, looker, None, looks.ADDRESS, now=office.clock())
    told = uncover(chen, database)
    assert (told.status, EMRE.address in told.text, "too many fields" in told.text) == (429, False, True)
    assert [entry.subject for entry in trail_of(database, Event.RECORD_REFUSED)] == [case.subject]
    assert as_it_is(office, case).state == "OPEN"
