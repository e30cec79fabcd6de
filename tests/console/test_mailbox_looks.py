"""Lost mailboxes and the eyes on them: what beginning one costs, who reads of it, and who may not look."""

import pytest
from sqlalchemy import select, update

from portal.database import Database
from portal.identity import addresses
from portal.identity.customers import Customer
from portal.identity.links import MAILBOX
from portal.limits import HOUR, Limit
from portal.lookups.looks import RecordLook
from portal.mail import suppressions
from tests.cases.bench import receipt, write_own
from tests.console.mailbox_bench import NEW, OLD, Matter
from tests.console.records import act, sheets
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock


@requirement("STF-08")
def test_to_begin_a_change_is_a_search_that_is_counted_and_that_the_customer_reads_of(
    matter: Matter, newcomer: Newcomer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.lookups.searches.SEARCHES_PER_MEMBER", (Limit("so many", 2, HOUR),))
    assert matter.begin(old="nobody@mail.example").status == 409
    assert matter.begin().status == 303
    assert OLD not in matter.agent.get(matter.place).text
    refused = matter.begin(old="bo@mail.example", brand="stagelight-uk")
    assert (refused.status, matter.told("record:searched"), matter.told("record:refused")) == (429, 2, 1)
    with database.read() as session:
        [look] = session.scalars(select(RecordLook))
    assert (look.what, look.reason, look.search_id is not None) == ("address-change", "customer-asked", True)
    emre = newcomer("10.2.2.2")
    emre.arrive(OLD)
    assert "Began a change of the email address" in emre.get("/help/mine").text


def test_who_works_for_other_brands_sees_no_change_of_this_one(matter: Matter) -> None:
    matter.begin()
    matter.propose()
    other = matter.others[0]
    assert other.get(matter.place).status == 200
    assert other.person
    matter.office.narrow(other.person, "seatswap")
    assert other.get(matter.place).status == 404
    assert matter.place not in other.get("/staff/mailboxes").text


@requirement("STF-09")
def test_letters_that_staff_or_owner_stopped_keep_no_notice_back(matter: Matter, clock: StillClock) -> None:
    act(matter.agent, sheets(matter.agent, OLD)[0], "silence")
    with matter.office.database.write() as session:
        mailbox = matter.office.keys.mac(MAILBOX, addresses.read(OLD).mailbox)
        suppressions.suppress(session, mailbox, suppressions.UNWANTED, now=clock())
    matter.cool()
    assert [letter.subject.count("is about to change") for letter in matter.customer.mailbag(OLD)] == [1]


@requirement("STF-09")
def test_every_known_address_gets_a_notice_the_one_before_and_the_one_of_the_case_too(
    matter: Matter, newcomer: Newcomer, clock: StillClock
) -> None:
    matter.cool()
    clock.move(hours=72)
    matter.office.work()
    for colleague in (matter.agent, *matter.approvers):
        colleague.sign_in()
    emre = matter.customer
    matter.customer = newcomer("10.4.4.4")
    matter.cool(old=NEW, new="emre@third.example")
    told = {
        address: sum("about to change" in letter.subject for letter in emre.mailbag(address)) for address in (OLD, NEW)
    }
    assert told == {OLD: 2, NEW: 1}

    bo = newcomer("10.5.5.5")
    bo.arrive("bo@mail.example")
    number, _ = receipt(bo, write_own(bo))
    place = matter.agent.do("/staff/mailboxes", number=number, old="amara@mail.example", brand="seatswap", new=NEW)
    matter.place = place.location
    matter.propose()
    matter.approve(matter.drawn)
    matter.office.work()
    for known in ("amara@mail.example", "bo@mail.example"):
        assert "about to change" in emre.mailbag(known)[-1].subject


@requirement("STF-09")
def test_what_two_people_agreed_on_is_void_once_the_account_is_another(matter: Matter, database: Database) -> None:
    matter.begin()
    matter.propose()
    assert matter.approve(matter.drawn).status == 303
    with database.write() as session:
        session.execute(update(Customer).values(epoch=Customer.epoch + 1))
    matter.office.work()
    assert (matter.change.state, matter.told("proposal:void")) == ("EXPIRED", 1)
