"""Acts on a record: for a reason, once, through the ways that customers take, and told to the customer."""

import re

import pytest
from sqlalchemy import select, update

from portal.audit.events import Event
from portal.database import Database
from portal.identity.customers import Customer
from portal.identity.links import LinkRequest
from portal.mail import suppressions
from portal.members.roles import Role
from portal.reset import obligations
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, EMRE
from tests.console.bench import Colleague, Office
from tests.console.records import act, looks_of, sheet_of, trail_of
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.reset.bench import NEW, credential, open_ones, set_password
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("passwords")

DEEDS = {
    "link": Event.LINK_ORDERED,
    "silence": Event.LETTERS_STOPPED,
    "speech": Event.LETTERS_RESUMED,
    "reset": Event.RESET_REQUIRED,
}


def states(database: Database) -> list[tuple[str, str | None]]:
    with database.read() as session:
        asked = session.scalars(select(LinkRequest).order_by(LinkRequest.asked_at, LinkRequest.id))
        return [(one.state, one.reason) for one in asked]


@requirement("STF-11")
@pytest.mark.parametrize(("deed", "event"), DEEDS.items())
def test_an_act_needs_a_reason_and_is_done_once(office: Office, chen: Colleague, deed: str, event: Event) -> None:
    sheet = sheet_of(chen, BO)
    for said in ({"reason": ""}, {"reason": "customer-asked"}, {"once": "7"}, {"note": "x" * 501}, {"note": "a\x00b"}):
        assert act(chen, sheet, deed, **said).status == 400, said
    assert trail_of(office.database, event) == []
    once = "0190c9d0-a0a0-7000-8000-00000000000a"
    for _ in range(2):
        told = act(chen, sheet, deed, once=once, reason="our-mistake")
        assert (told.status, told.location) == (303, sheet)
    [entry] = trail_of(office.database, event)
    assert (entry.subject, entry.details) == (f"account:{sheet.rpartition('/')[2]}", {"reason": "our-mistake"})
    assert [look.reason for look in looks_of(office.database)].count("our-mistake") == 1


@requirement("USE-05")
@pytest.mark.parametrize(
    ("deed", "typed", "kept", "wrong"),
    [
        ("link", {"reason": "", "note": "Rang twice; the line broke"}, "act-note", "act-reason"),
        ("cases", {"about": "", "text": "My sister reads my mail"}, "case-text", "case-about"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_leads_to_what_is_wrong(
    chen: Colleague, deed: str, typed: dict[str, str], kept: str, wrong: str
) -> None:
    told = act(chen, sheet_of(chen, EMRE), deed, **typed)
    assert told.status == 400
    assert re.search(rf'id="{kept}"[^>]*>{re.escape(max(typed.values()))}<', told.text)
    assert told.text.count(f'href="#{wrong}"') == told.text.count(f'id="{wrong}"') == 1
    assert len(re.findall(r' id="([^"]+)"', told.text)) == len(set(re.findall(r' id="([^"]+)"', told.text)))


@requirement("STF-06")
def test_a_fresh_link_goes_to_the_address_on_file_and_to_nobody_else(
    chen: Colleague, visitor: Visitor, database: Database
) -> None:
    sheet = sheet_of(chen, EMRE)
    act(chen, sheet, "link")
    letter = visitor.letter(EMRE.address)
    assert "Our help desk sent it" in letter.plain
    assert "typed your address" not in letter.plain
    act(chen, sheet, "link")
    visitor.work()
    assert states(database) == [("SENT", None), ("DROPPED", "too many")]
    text = chen.get(sheet).text
    assert "too many letters for this mailbox" in text
    assert letter.token not in text
    # The link alone proves nothing, and neither does the code: nobody has the cookie of this request.
    assert visitor.type_code(letter).status == 400
    assert visitor.follow(letter).status == 400
    assert visitor.follow(letter, code=letter.code).status == 303


def test_letters_are_stopped_and_go_out_again(chen: Colleague, visitor: Visitor, office: Office) -> None:
    sheet = sheet_of(chen, EMRE)
    act(chen, sheet, "silence", reason="mailbox-unsafe", note="phoned twice <b>&amp;</b>")
    visitor.ask(EMRE.address)
    visitor.work()
    assert visitor.mailbag(EMRE.address) == []
    office.clock.move(minutes=14)
    text = chen.get(sheet).text
    assert "staff stopped them" in text
    assert "phoned twice &lt;b&gt;&amp;amp;&lt;/b&gt;" in text
    assert "phoned twice" not in str(everything(office.database))
    act(chen, sheet, "speech")
    assert visitor.arrive(EMRE.address).status == 200
    assert "></textarea>" in chen.get(sheet).text


def test_staff_cannot_undo_what_the_owner_of_a_mailbox_stopped(
    chen: Colleague, visitor: Visitor, office: Office
) -> None:
    visitor.ask(EMRE.address)
    letter = visitor.letter(EMRE.address)
    stop = {"public_id": letter.public_id, "token": letter.stop_token, "code": letter.code}
    assert visitor.post("/revoke", stop).status == 200
    sheet = sheet_of(chen, EMRE)
    assert "its owner wants none" in chen.get(sheet).text
    act(chen, sheet, "speech")
    with office.database.read() as session:
        standing = session.scalars(select(suppressions.Suppression.reason)).all()
    assert standing == [suppressions.UNWANTED]


def test_a_required_reset_counts_even_for_a_password_of_today(
    chen: Colleague, visitor: Visitor, office: Office, database: Database, keys: KeyRing
) -> None:
    visitor.arrive(EMRE.address)
    set_password(visitor, NEW)
    visitor.work()
    assert open_ones(database) == 2  # amara's
    office.clock.move(minutes=1)
    act(chen, sheet_of(chen, EMRE), "reset", reason="fraud-suspected")
    visitor.work()
    assert credential(database, keys, EMRE).must_reset is True
    with database.read() as session:
        [account] = {look.customer_id for look in looks_of(database)}
        assert obligations.owing(session, [account]) == {account}
    visitor.arrive(EMRE.address)
    assert visitor.get("/next").location == "/password"
    set_password(visitor, "eleven slow carts in june rain")
    visitor.work()
    assert credential(database, keys, EMRE).must_reset is False


def test_a_guest_has_no_password_to_renew(chen: Colleague, office: Office) -> None:
    sheet = sheet_of(chen, AMARA)
    with office.database.write() as session:
        session.execute(update(Customer).values(guest=True))
    assert act(chen, sheet, "reset").status == 409
    assert trail_of(office.database, Event.RESET_REQUIRED) == []
    assert "reset-required" not in [look.what for look in looks_of(office.database)]


@requirement("STF-04")
def test_only_an_agent_acts(office: Office) -> None:
    dilys = office.seat("dilys", Role.APPROVER)
    sheet = sheet_of(dilys, BO)
    for deed in DEEDS:
        assert act(dilys, sheet, deed).status == 403
