"""Searching: an exact match or nothing, for a reason, within the limits, and each search is written down."""

import pytest
from sqlalchemy import update

from portal.audit.events import Event
from portal.incident.revisions import DRAFT, Revision
from portal.lookups import searches
from portal.members.member import Member
from portal.members.roles import Role
from tests.cast import AMARA, BO, EMRE, FATOU
from tests.console.bench import Colleague, Office
from tests.console.records import looks_of, search, sheets, trail_of
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")


def use_up(office: Office, colleague: Colleague, count: int) -> None:
    """Let the colleague have searched so often."""
    assert colleague.person
    with office.database.write() as session:
        for _ in range(count):
            searches.begin(session, colleague.person.id, "address", "customer-asked", now=office.clock())


@requirement("STF-08")
@pytest.mark.parametrize(
    ("finder", "text", "found"),
    [
        ("address", "amara@mail.example", 2),
        ("address", "  AMARA@Mail.Example ", 2),
        ("address", "bo@mail.example", 1),
        ("address", FATOU.address, 0),
        ("address", "mara@mail.example", 0),
        ("address", "amara+x@mail.example", 0),
        ("address", "%@mail.example", 0),
        ("reference", "amara-0", 1),
        ("reference", " bo-0 ", 1),
        ("reference", "bo", 0),
        ("reference", "BO-0", 0),
        ("reference", "%", 0),
        ("reference", "bo@mail.example", 0),
    ],
)
def test_only_an_exact_match_is_found(chen: Colleague, finder: str, text: str, found: int) -> None:
    assert len(sheets(chen, text, finder=finder)) == found


@requirement("STF-08")
@requirement("ENU-09")
@pytest.mark.parametrize("text", ["amara", "@mail.example", "amara@", "amara@*", "a", "a@b.example,bo@x.example"])
def test_a_part_of_an_address_is_no_search(office: Office, chen: Colleague, text: str) -> None:
    told = search(chen, text)
    assert (told.status, "We cannot read this" in told.text) == (400, True)
    assert trail_of(office.database, Event.RECORD_SEARCHED) == []


@requirement("STF-11")
@pytest.mark.parametrize("said", [{"reason": ""}, {"reason": "curious"}, {"finder": "name"}, {"text": ""}])
def test_a_search_needs_a_reason_of_the_list(office: Office, chen: Colleague, said: dict[str, str]) -> None:
    good = {"finder": "address", "text": BO.address, "reason": "customer-asked"}
    assert chen.do("/staff/search", page="/staff/search", **{**good, **said}).status == 400
    assert looks_of(office.database) == []


@requirement("STF-08")
def test_a_search_is_written_down_without_what_was_typed(office: Office, chen: Colleague) -> None:
    sheets(chen, AMARA.address, reason="letter-missing")
    [told] = trail_of(office.database, Event.RECORD_SEARCHED)
    assert chen.person
    assert told.actor == chen.person.actor
    assert told.details == {"by": "address", "reason": "letter-missing", "found": 2}
    assert {(look.what, look.role, look.reason) for look in looks_of(office.database)} == {
        ("search", "agent", "letter-missing")
    }
    assert "amara" not in str(everything(office.database))


@requirement("STF-08")
@pytest.mark.parametrize(("count", "spell"), [(60, {"hours": 1}), (200, {"days": 1})])
def test_one_search_too_many_finds_nobody_and_is_told(
    office: Office, chen: Colleague, count: int, spell: dict[str, int]
) -> None:
    for done in range(0, count - 1, 50):
        use_up(office, chen, min(50, count - 1 - done))
        office.clock.move(hours=1 if count > 60 else 0)
    chen.sign_in()
    assert len(sheets(chen, BO.address)) == 1
    told = search(chen, BO.address)
    assert (told.status, "one search too many" in told.text) == (429, True)
    assert len([look for look in looks_of(office.database) if look.what == "search"]) == 1
    assert [alert.actor for alert in trail_of(office.database, Event.RECORD_REFUSED)] == [chen.person.actor]  # type: ignore[union-attr]
    office.clock.move(**spell)
    chen.sign_in()
    assert len(sheets(chen, BO.address)) == 1


@requirement("STF-08")
def test_each_member_has_a_limit_of_their_own(office: Office, chen: Colleague) -> None:
    use_up(office, chen, 60)
    assert len(sheets(office.seat("dilys", Role.APPROVER), BO.address)) == 1


@requirement("STF-08")
def test_a_find_is_its_members_own_and_for_an_hour(office: Office, chen: Colleague) -> None:
    place = search(chen, BO.address).location
    assert BO.address not in place
    other = office.seat("dilys", Role.AGENT)
    assert (chen.get(place).status, other.get(place).status) == (200, 404)
    office.clock.move(hours=1)
    chen.sign_in()
    assert chen.get(place).status == 404


def test_a_find_is_masked(chen: Colleague) -> None:
    page = chen.get(search(chen, EMRE.address).location).text
    assert "e…@m…le" in page
    assert EMRE.address not in page
    assert "emre-0" not in page


@requirement("STF-08")
def test_a_member_finds_customers_of_their_own_brands_only(office: Office, chen: Colleague) -> None:
    with office.database.write() as session:
        session.execute(update(Member).where(Member.id == chen.person.id).values(brands="seatswap"))  # type: ignore[union-attr]
    assert len(sheets(chen, AMARA.address)) == 1
    assert sheets(chen, BO.address) == []
    assert sheets(chen, "amara-0", finder="reference") == []
    assert len(sheets(chen, "amara-1", finder="reference")) == 1


def test_a_draft_is_found_by_nobody(office: Office, chen: Colleague) -> None:
    with office.database.write() as session:
        session.execute(update(Revision).values(state=DRAFT, committed_at=None))
    assert sheets(chen, BO.address) == []
    assert sheets(chen, "bo-0", finder="reference") == []


@requirement("LNK-26")
def test_a_code_that_was_talked_out_of_its_owner_tells_nothing_of_looks(chen: Colleague, visitor: Visitor) -> None:
    sheets(chen, BO.address)
    visitor.ask(BO.address)
    visitor.type_code(visitor.letter(BO.address))
    told = visitor.get("/help/mine")
    assert (told.status, "Found the record" in told.text) == (403, False)


def test_a_customer_hears_of_a_search(chen: Colleague, visitor: Visitor) -> None:
    visitor.arrive(BO.address)
    assert "Nobody of our staff has looked at it" in visitor.get("/help/mine").text
    sheets(chen, BO.address, reason="result-disputed")
    told = visitor.get("/help/mine").text
    for words in ("Found the record by a search", "Our help desk", "The answer is disputed"):
        assert words in told
    assert "chen" not in told
