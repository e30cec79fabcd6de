"""A new password, set from the stored mailbox, ends a change of that mailbox: it was not lost after all."""

from datetime import timedelta

import pytest

from portal.cases import cancelling
from portal.database import Database
from portal.identity import addresses, helpers
from portal.identity.helpers import Relation, Scope
from portal.sealing import KeyRing
from tests.cast import AMARA, EMRE
from tests.console.helping_bench import MOTHER, come
from tests.console.mailbox_bench import NEW, OLD, Matter
from tests.journey.duties import accounts
from tests.requirements import requirement
from tests.reset.bench import NEW as PASSWORD
from tests.reset.bench import give_passwords, set_password
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock


@pytest.fixture(autouse=True)
def old_passwords(matter: Matter, database: Database, keys: KeyRing) -> None:
    """Let the cast have passwords."""
    give_passwords(database, keys)


@requirement("RST-03")
def test_a_change_that_waits_its_72_hours_ends_with_the_owners_new_password(
    matter: Matter, newcomer: Newcomer, clock: StillClock
) -> None:
    matter.cool()
    emre = newcomer("10.2.2.2")
    emre.arrive(OLD)
    assert set_password(emre, "short").status == 400
    assert matter.change.state == "COOLING"
    assert set_password(emre, PASSWORD).location == "/next"
    assert (matter.change.state, matter.change.ended_at) == ("CANCELLED", clock())
    clock.move(hours=73)
    matter.office.work()
    stranger = newcomer("10.3.3.3")
    stranger.ask(NEW)
    assert "no account" in stranger.letter(NEW).plain
    assert matter.told("mailbox:cancelled") == 1


@requirement("RST-03")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_so_does_one_that_nobody_agreed_to_yet_and_no_agreement_brings_it_back(
    matter: Matter, newcomer: Newcomer, clock: StillClock
) -> None:
    matter.begin()
    matter.propose()
    emre = newcomer("10.2.2.2")
    emre.arrive(OLD)
    set_password(emre, PASSWORD)
    assert matter.change.state == "CANCELLED"
    matter.approve(matter.drawn)
    matter.office.work()
    assert (matter.change.state, matter.told("mailbox:cooling")) == ("CANCELLED", 0)


@requirement("RST-03")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_that_the_worker_applies_at_this_moment_stands_in_nobodys_way(
    matter: Matter, database: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter.cool()
    seen = matter.change
    clock.move(hours=72)
    matter.office.work()
    monkeypatch.setattr(cancelling, "standing_of", lambda *_: seen)
    with database.write() as session:
        cancelling.by_reset(session, seen.customer_id, clock())
    assert matter.change.state == "APPLIED"


@requirement("RST-03")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_password_of_another_account_or_by_a_helper_says_nothing_of_the_mailbox(
    matter: Matter, newcomer: Newcomer, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    matter.cool()
    [emre], now = accounts(database, keys, EMRE), clock()
    with database.write() as session:
        said = {"until": now + timedelta(days=30), "by": "member:chen", "now": now}
        mother = addresses.read(MOTHER)
        helper = helpers.write_down(session, keys, emre.id, Relation.CARER, [Scope.PASSWORD], mother, **said)
        helpers.begin(session, helper, by="member:dilys", begins_at=now)
    amara, carer = newcomer("10.2.2.2"), newcomer("10.4.4.4")
    amara.arrive(AMARA.address)
    assert set_password(amara, PASSWORD).location == "/next"
    come(carer)
    assert set_password(carer, PASSWORD).location == "/next"
    assert matter.told("reset:done") == 2
    assert matter.change.state == "COOLING"
