"""Records: open for an hour to who found them, masked, without any secret; each look is told to the customer."""

import re

import pytest
from flask import Flask
from sqlalchemy import update

from portal.audit.events import Event
from portal.console import access
from portal.database import Database
from portal.limits import UNMASKINGS_PER_MEMBER
from portal.lookups import looks
from portal.lookups.looks import Looker
from portal.members.member import Member
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import AMARA, EMRE
from tests.console.bench import Colleague, Office
from tests.console.records import act, looks_of, sheet_of, trail_of
from tests.enrolment.bench import code_on, reveal, some_codes, stock_up
from tests.identity.bench import cookie
from tests.requirements import requirement
from tests.reset.bench import NEW, OLD, set_password
from tests.visitor import Answer, Visitor

pytestmark = pytest.mark.usefixtures("passwords")


def uncover(
    colleague: Colleague, sheet: str, field: str, *, fresh: bool = False, reason: str = "second-look"
) -> Answer:
    return colleague.do(f"{sheet}/uncovering", page=sheet, fresh=fresh, field=field, reason=reason)


def whole_journey(visitor: Visitor) -> list[str]:
    """Emre proves his address, sets a password and looks at his code; returns every secret of that."""
    visitor.ask(EMRE.address)
    letter = visitor.letter(EMRE.address)
    visitor.follow(letter)
    set_password(visitor, NEW)
    code = code_on(reveal(visitor))
    assert code
    typed = (letter.code, letter.code.replace("-", ""))
    return [letter.token, *typed, cookie(visitor, "ps") or "?", code, code[:-4], NEW, OLD, EMRE.address, "emre-0"]


@requirement("STF-06")
def test_the_sheet_tells_how_somebody_stands(
    chen: Colleague, visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    stock_up(database, keys, some_codes(1))
    whole_journey(visitor)
    text = " ".join(re.sub(r"<[^>]*>", " ", chen.get(sheet_of(chen, EMRE)).text).split())
    for words in (
        "StageLight International, …e-0", "e…@m…le", "Affected", "login details", "revision 1", "Ends in QXZ7",
        "seen on", "The customer set a new password", "by browser and link", "Link and code · The mail server took it",
        "Requests for a link", "chen: Found the record by a search", "chen: Read the record",
    ):  # fmt: skip
        assert words.lower() in text.lower(), words


@requirement("STF-06")
def test_no_page_of_the_console_shows_a_secret(
    office: Office, portal: Flask, chen: Colleague, visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    stock_up(database, keys, some_codes(1))
    secrets = whole_journey(visitor)
    sheet = sheet_of(chen, EMRE)
    number = sheet.rpartition("/")[2]
    act(chen, sheet, "link")
    lead = office.seat("dilys", Role.ADMIN, Role.AUDITOR, Role.APPROVER, Role.OPERATOR, Role.CODE_MANAGER)
    sheet_of(lead, EMRE)
    rules = [what.partition(" ")[2] for what in access.matrix(portal) if what.startswith("GET")]
    pages = [re.sub(r"<uuid:\w+>", number, re.sub(r"<int:\w+>", "1", rule)) for rule in rules]
    assert sheet in pages
    told = {f"{who.person.name} {path}": who.get(path).text for who in (chen, lead) for path in pages}  # type: ignore[union-attr]
    assert {
        path: [one for one in secrets if one in text] for path, text in told.items() if any(map(text.count, secrets))
    } == {}


@requirement("STF-08")
def test_nobody_browses_by_number(office: Office, chen: Colleague) -> None:
    sheet = sheet_of(chen, AMARA)
    other = office.seat("dilys", Role.AGENT)
    assert (chen.get(sheet).status, other.get(sheet).status) == (200, 403)
    assert "This record is closed" in other.get(sheet).text
    for deed in ("link", "silence", "speech", "reset", "uncovering"):
        assert other.do(f"{sheet}/{deed}", fresh=True, reason="customer-wants").status == 403
    tried = trail_of(office.database, Event.RECORD_REFUSED)
    assert {(entry.actor, entry.details["why"]) for entry in tried} == {(other.person.actor, "closed")}  # type: ignore[union-attr]
    assert len(tried) == 7
    office.clock.move(minutes=59, seconds=59)
    chen.sign_in()
    assert chen.get(sheet).status == 200
    office.clock.move(seconds=1)
    assert chen.get(sheet).status == 403


@requirement("STF-08")
def test_a_member_who_changed_brands_is_shut_out(office: Office, chen: Colleague) -> None:
    sheet = sheet_of(chen, EMRE)
    with office.database.write() as session:
        session.execute(update(Member).where(Member.id == chen.person.id).values(brands="seatswap"))  # type: ignore[union-attr]
    assert chen.get(sheet).status == 403


@requirement("STF-08")
def test_each_look_is_written_down_with_its_reason(office: Office, chen: Colleague, visitor: Visitor) -> None:
    sheet = sheet_of(chen, EMRE)
    for _ in range(2):
        chen.get(sheet)
    told = trail_of(office.database, Event.RECORD_OPENED)
    assert [(one.subject, one.details["reason"]) for one in told] == [
        (f"account:{sheet.rpartition('/')[2]}", "customer-asked")
    ] * 2
    assert [look.what for look in looks_of(office.database)] == ["search", "sheet", "sheet"]
    visitor.arrive(EMRE.address)
    assert visitor.get("/help/mine").text.count("Read the record") == 1


@requirement("STF-03")
@requirement("STF-06")
@pytest.mark.parametrize(("field", "value"), [("address", EMRE.address), ("reference", "emre-0")])
def test_a_field_is_uncovered_once_with_a_passkey_and_a_reason(
    office: Office, chen: Colleague, visitor: Visitor, field: str, value: str
) -> None:
    sheet = sheet_of(chen, EMRE)
    office.clock.move(minutes=6)
    stale = uncover(chen, sheet, field)
    assert (stale.status, value in stale.text) == (403, False)
    without = uncover(chen, sheet, field, fresh=True, reason="")
    assert (without.status, value in without.text) == (400, False)
    assert uncover(chen, sheet, "password", fresh=True).status == 400
    told = uncover(chen, sheet, field)
    assert (told.status, value in told.text) == (200, True)
    assert value not in chen.get(sheet).text
    [entry] = trail_of(office.database, Event.RECORD_UNMASKED)
    assert entry.details == {"field": field, "reason": "second-look"}
    visitor.arrive(EMRE.address)
    assert "A second look at a colleague" in visitor.get("/help/mine").text


@requirement("STF-06")
def test_few_fields_are_uncovered_in_an_hour(office: Office, chen: Colleague) -> None:
    sheet = sheet_of(chen, EMRE)
    assert chen.person
    looker, [found] = Looker(chen.person.id, "agent", "second-look"), looks_of(office.database)
    with office.database.write() as session:
        for _ in range(UNMASKINGS_PER_MEMBER.amount - 1):
            looks.note(session, looker, found.customer_id, looks.ADDRESS, now=office.clock())
    assert uncover(chen, sheet, "address").status == 200
    told = uncover(chen, sheet, "address")
    assert (told.status, EMRE.address in told.text, "too many fields" in told.text) == (429, False, True)
    assert len(trail_of(office.database, Event.RECORD_REFUSED)) == 1


def test_an_approver_looks_and_does_not_act(office: Office) -> None:
    dilys = office.seat("dilys", Role.APPROVER)
    sheet = sheet_of(dilys, EMRE)
    assert "Require a new password" not in dilys.get(sheet).text
    assert uncover(dilys, sheet, "address").status == 200
