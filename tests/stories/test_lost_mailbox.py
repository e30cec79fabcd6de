"""The lost mailbox, all of it, in a real browser over real processes whose clock is moved by 72 hours."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, CUSTOMERS, EMRE, settle
from tests.console.desk import Desk, opened
from tests.enrolment.bench import some_codes, stock_up
from tests.enrolment.race import FAR, lasting_incident
from tests.requirements import requirement
from tests.reset.bench import give_passwords
from tests.servers.browser import NewContext
from tests.servers.certificates import Certificates
from tests.servers.relay import Relay
from tests.servers.waiting import until
from tests.stories.mailbox_town import (
    Town,
    approve,
    arrive,
    new_address_of,
    propose,
    state,
    stop,
    walk_on,
    write_to_us,
)

# What is stored is tested on both engines elsewhere; the browser sees no difference.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def desk(tmp_path: Path, database: Database, keys: KeyRing, relay: Relay, certificates: Certificates) -> Iterator[Desk]:
    """Open for business: three customers with passwords, and codes for all of them."""
    settle(database, keys)
    give_passwords(database, keys)
    stock_up(database, keys, some_codes(len(CUSTOMERS)), expires=date.fromisoformat(FAR))
    said = {"incident": lasting_incident(tmp_path), "officers": "first@officers.example,second@officers.example"}
    yield from opened(tmp_path, database, keys, relay, certificates, **said)


@pytest.fixture
def town(desk: Desk, new_context: NewContext) -> Town:
    """Who is in it; their browsers are closed before the desk is."""
    return Town(desk, new_context)


@requirement("STF-07")
@requirement("STF-09")
def test_emre_comes_in_by_his_new_address_and_bo_stops_what_he_did_not_ask_for(town: Town) -> None:
    agent = town.join("chen", "agent")
    approvers = {name: town.join(name, "approver") for name in ("dilys", "femke")}
    emre, bo = town.browser(), town.browser()
    changes = {}
    for customer, person in ((emre, EMRE), (bo, BO)):
        changes[person] = propose(town, agent, write_to_us(town, customer), person)
        approve(town, approvers, changes[person])
    parked = propose(town, agent, write_to_us(town, town.browser()), AMARA, "Send with priority")
    assert (parked.parked_at is not None, parked.proposal) == (True, None)
    until(lambda: "asked for help in silence" in town.all_to("first@officers.example"), "the officer's letter")

    assert "is about to change" in town.letter(EMRE.address).subject
    assert town.all_to(new_address_of(EMRE)) == ""
    stop(town, bo, BO)

    town.three_days_later()
    until(lambda: state(town, changes[EMRE]) == "APPLIED", "the worker to give Emre his new address")
    arrive(town, emre, new_address_of(EMRE))
    expect(emre.get_by_role("heading", name="Your answer")).to_be_visible()
    walk_on(emre)
    assert state(town, changes[BO]) == "CANCELLED"
    arrive(town, bo, BO.address)
    assert "look up whether" not in town.all_to(EMRE.address)
