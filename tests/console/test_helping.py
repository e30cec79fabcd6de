"""Helpers: two people agree, the customer hears of it, and after 72 hours somebody may do what was agreed, no more."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.audit.trail import AuditEvent
from portal.database import Database, changed
from portal.enrolment.grants import Grant
from portal.identity.customers import ADDRESS_INDEX
from portal.identity.helpers import Helper
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, settle
from tests.console.bench import Office
from tests.console.helping_bench import KIM, MOTHER, Care, choose, come
from tests.console.records import sheets
from tests.enrolment.bench import code_on, reveal, some_codes, stock_up, with_offers
from tests.requirements import requirement
from tests.reset.bench import NEW, form_on, give_passwords
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock


@pytest.fixture
def care(office: Office, portal: Flask, database: Database, keys: KeyRing) -> Care:
    """Kim is a child with an account; there is an offer for children, and one for everybody else."""
    settle(database, keys, KIM, BO, AMARA)
    give_passwords(database, keys, KIM, BO, AMARA)
    offers = {"monitoring": {"categories": ()}, "young": {"categories": (), "minors": True}}
    portal.extensions["incident"] = with_offers(portal.extensions["incident"], **offers)
    for name in offers:
        stock_up(database, keys, some_codes(2, name.upper()), offer=name)
    return Care(office, office.seat("chen", Role.AGENT), office.seat("dilys", Role.APPROVER))


def deeds(database: Database, actor: str) -> list[str]:
    """What the trail says that somebody did."""
    with database.read() as session:
        return list(session.scalars(select(AuditEvent.kind).where(AuditEvent.actor == actor).order_by(AuditEvent.id)))


@requirement("STF-05")
def test_the_guardian_of_a_child_takes_the_childs_code_and_the_trail_says_who_did(
    care: Care, newcomer: Newcomer, database: Database, keys: KeyRing
) -> None:
    care.appoint()
    mother = newcomer("10.1.1.1")
    page = come(mother).text
    assert "as a parent or guardian" in page
    assert "Your answer" in page
    assert form_on(mother.get("/password")).send(mother, NEW).status == 303
    assert code_on(reveal(mother)).startswith("YOUNG-")
    helper = care.helper.subject
    assert deeds(database, helper) == [
        "helper:came", "result:shown", "reset:done", "code:granted", "code:revealed",
    ]  # fmt: skip
    with database.read() as session:
        [grant] = session.scalars(select(Grant))
    assert grant.email_index == keys.mac(ADDRESS_INDEX, KIM.address)
    assert mother.get("/help/mine").location == "/help"


def test_nobody_helps_before_a_second_person_and_72_hours_and_the_customer_hears_of_it(
    care: Care, newcomer: Newcomer, clock: StillClock
) -> None:
    care.find()
    assert care.propose().status == 303
    mother, kim = newcomer("10.1.1.1"), newcomer("10.2.2.2")

    def is_unknown() -> bool:
        mother.ask(MOTHER)
        return "no account" in mother.letter(MOTHER).plain

    assert is_unknown()
    assert care.agree(care.agent).status == 403
    assert care.agree().status == 303
    assert "about to act for you" in kim.letter(KIM.address).subject
    clock.move(hours=71)
    assert is_unknown()
    clock.move(hours=1)
    come(mother)


def test_the_customer_stops_a_helper_and_so_does_one_agent_alone(
    care: Care, newcomer: Newcomer, clock: StillClock
) -> None:
    care.appoint()
    mother, kim = newcomer("10.1.1.1"), newcomer("10.2.2.2")
    come(mother)
    kim.arrive(KIM.address)
    page = kim.get("/help/mine").text
    assert "A parent or guardian" in page
    assert "Changed who may act for the customer" in page
    handle = page.partition('name="helper" value="')[2][:32]
    assert kim.act("/help/mine", "/help/mine/helper", helper=handle).status == 303
    assert mother.get("/status").location == "/"
    assert mother.get("/code").status == 303
    care.appoint()
    again = newcomer("10.3.3.3")
    come(again)
    care.find()
    assert care.agent.do(f"{care.record}/helpers/{care.helper.id}/end").status == 303
    assert again.get("/status").location == "/"


def test_a_helper_does_what_was_agreed_on_until_the_day_that_was_agreed_on(
    care: Care, newcomer: Newcomer, clock: StillClock
) -> None:
    care.appoint(may=[], relation="carer", reason="customer-wish")
    carer = newcomer("10.1.1.1")
    assert "New password" not in come(carer).text
    assert carer.get("/password").status == 200
    assert 'type="password"' not in carer.get("/password").text
    assert carer.get("/code").status == 303
    assert carer.post("/code", {}).status in (303, 403)
    clock.move(days=31 - 3)
    carer.ask(MOTHER)
    assert "no account" in carer.letter(MOTHER).plain


def test_whoever_has_an_account_and_helps_somebody_keeps_the_two_apart(care: Care, newcomer: Newcomer) -> None:
    care.appoint(email=BO.address)
    bo = newcomer("10.1.1.1")
    assert "for somebody else" in bo.arrive(BO.address).text
    assert "as a parent or guardian" in choose(bo).text
    assert bo.get("/help/mine").location == "/help"


def test_what_cannot_be_is_refused(care: Care, database: Database) -> None:
    care.find()
    for said in ({"days": 0}, {"days": 400}, {"email": "mother at home"}, {"relation": "friend"}, {"may": ["all"]}):
        care.office.clock.move(seconds=1)
        assert care.propose(**said).status == (303 if said == {"days": 0} else 400)
    care.office.narrow(care.agent.person, "seatswap")  # type: ignore[arg-type]
    assert care.propose().status == 403
    with pytest.raises(IntegrityError), database.write() as session:
        changed(session, update(Helper).values(approved_by=care.helper.proposed_by, begins_at=care.office.clock()))


def test_the_dead_get_no_letter_once_two_people_agree_and_an_executor_reads_the_answer(
    care: Care, newcomer: Newcomer, work: Callable[[], None]
) -> None:
    care.appoint(relation="executor", reason="will")
    care.find()
    assert care.agent.do(f"{care.record}/passing", fresh=True, reason="certificate-seen").status == 303
    assert not care.account.deceased
    kim, letters = newcomer("10.1.1.1"), len(newcomer().mailbag(KIM.address))
    assert care.agree().status == 303
    assert care.account.deceased
    kim.ask(KIM.address)
    work()
    assert len(kim.mailbag(KIM.address)) == letters
    assert "deceased" in care.agent.get(care.record).text
    assert "Has died" in care.agent.get(f"{care.record}/helpers").text
    assert "as an executor of the will" in come(newcomer("10.2.2.2")).text

    assert care.agent.do(f"{care.record}/passing", fresh=True, reason="our-mistake").status == 303
    assert care.agree().status == 303
    kim.arrive(KIM.address)


def test_whom_the_list_calls_dead_gets_no_letter_either(
    care: Care, newcomer: Newcomer, database: Database, work: Callable[[], None]
) -> None:
    care.find()
    with database.write() as session:
        session.get_one(type(care.account), care.account.id).deceased = True
    kim = newcomer("10.1.1.1")
    kim.ask(KIM.address)
    work()
    assert kim.mailbag(KIM.address) == []


def test_a_mailbox_that_two_accounts_share_is_silent_once_both_are_dead(
    care: Care, newcomer: Newcomer, clock: StillClock
) -> None:
    amara = newcomer("10.1.1.1")
    for place in (0, 1):
        care.record = sheets(care.agent, AMARA.address)[place]
        assert care.agent.do(f"{care.record}/passing", fresh=True, reason="certificate-seen").status == 303
        assert care.agree().status == 303
        silent = "No letters to this mailbox" in care.agent.get(care.record).text
        assert silent == (place == 1)
        if not silent:
            amara.arrive(AMARA.address)
        clock.move(minutes=2)
    assert care.agent.do(f"{care.record}/passing", fresh=True, reason="our-mistake").status == 303
    assert care.agree().status == 303
    assert "No letters to this mailbox" not in care.agent.get(care.record).text
