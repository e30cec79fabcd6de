"""The contract: what every store can do, tried with each of them against what stands behind it."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from portal.database import Database
from portal.reset.stores import open_store
from portal.reset.stores.keycloak import PROVEN_WITH
from portal.reset.stores.protocol import AccountKey, Overtaken, PasswordRefused, SamePassword, Store
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.reset.bench import LONG_AGO, OLD, OTHER
from tests.reset.cloaks import Cloak
from tests.reset.clouds import Webhook
from tests.reset.systems import BRAND, NAMES, System
from tests.servers.ground import MakeSettings, StillClock

NEW = "Quiet tin boats drift north"
EMRE, NOBODY = AccountKey(BRAND, "emre-0"), AccountKey(BRAND, "nobody*)(uid=*")
KEEPS_SESSIONS = ("database", "webhook", "keycloak", "cognito")
KNOWS_AGES = CAN_RELEASE = ("database", "ldap", "webhook", "keycloak")

# What a store outside keeps of its own is the same for all of them, so one of them tries it on both engines.
PAIRS = [(name, "sqlite") for name in NAMES] + [(name, "postgresql") for name in ("database", "webhook")]
pytestmark = pytest.mark.parametrize(("name", "database"), PAIRS, indirect=["database"])


@pytest.fixture
def clock() -> StillClock:
    """The systems have clocks of their own, so this one is not far from them."""
    return StillClock(datetime.now(UTC))


@pytest.fixture
def store(system: System, settings: MakeSettings, database: Database, keys: KeyRing, clock: StillClock) -> Store:
    """The store, as the portal opens it."""
    return open_store(settings(**system.settings()), database, keys, clock)


def epoch_of(store: Store) -> int:
    """As it stands now."""
    found = store.find(EMRE)
    return found.epoch if found else 0


def set_new(store: Store, password: str, clock: StillClock) -> None:
    """On the account as it stands now."""
    store.set_password(EMRE, password, epoch=epoch_of(store), now=clock())


def test_it_knows_its_accounts_and_no_others(store: Store, name: str) -> None:
    found = store.find(EMRE)
    assert found
    assert (found.has_password, found.must_reset, bool(found.changed_at)) == (True, False, name in KNOWS_AGES)
    assert store.find(NOBODY) is None


def test_an_expired_account_opens_with_no_old_password_until_a_new_one_is_set(
    store: Store, system: System, clock: StillClock
) -> None:
    session = system.log_in("emre-0", OLD)
    assert session
    clock.move(seconds=1)
    store.expire(EMRE, before=clock())
    assert not system.is_alive(session)
    store.expire(EMRE, before=clock())  # twice is harmless
    store.revoke(EMRE, now=clock())
    assert not system.log_in("emre-0", OLD)
    set_new(store, NEW, clock)
    assert (bool(system.log_in("emre-0", NEW)), system.log_in("emre-0", OLD)) == (True, None)
    found = store.find(EMRE)
    assert found
    assert (found.must_reset, found.changed_at is not None) == (False, True)


def test_a_password_is_set_without_a_reset_being_owed_too(store: Store, system: System, clock: StillClock) -> None:
    set_new(store, NEW, clock)
    assert (bool(system.log_in("emre-0", NEW)), system.log_in("emre-0", OLD)) == (True, None)


def test_a_password_that_is_young_enough_is_left_alone(
    store: Store, system: System, name: str, clock: StillClock
) -> None:
    session, clock.moment = system.log_in("emre-0", OLD), clock.moment + timedelta(seconds=1)
    store.expire(EMRE, before=LONG_AGO - timedelta(days=1))
    assert bool(system.log_in("emre-0", OLD)) is (name in KNOWS_AGES)
    assert system.is_alive(session or "") is (name in KNOWS_AGES and name in KEEPS_SESSIONS)


@requirement("RST-02")
def test_a_new_password_ends_the_sessions_of_the_old_one_at_once(
    store: Store, system: System, name: str, clock: StillClock
) -> None:
    session = system.log_in("emre-0", OLD)
    assert session
    clock.move(minutes=1)  # the system goes by its own clock, and got here later
    set_new(store, NEW, clock)
    assert not system.is_alive(session)


def test_an_account_without_a_password_has_none_to_expire(
    store: Store, system: System, name: str, clock: StillClock
) -> None:
    if name in ("scim", "cognito"):  # neither lets one be without
        return
    system.open("social-0", None)
    social = AccountKey(BRAND, "social-0")
    before = store.find(social)
    store.expire(social, before=clock())
    assert before == store.find(social)
    assert before is not None
    assert not before.has_password


@requirement("RST-04")
def test_what_was_ordered_before_a_password_was_set_does_not_touch_it(
    store: Store, system: System, clock: StillClock
) -> None:
    before, epoch = clock(), epoch_of(store)
    clock.move(seconds=1)
    set_new(store, NEW, clock)
    store.expire(EMRE, before=before)
    with pytest.raises(Overtaken):
        store.set_password(EMRE, OTHER, epoch=epoch, now=clock())
    assert system.log_in("emre-0", NEW)


@requirement("RST-02")
def test_sessions_end_when_they_are_revoked(store: Store, system: System, name: str, clock: StillClock) -> None:
    session = system.log_in("emre-0", OLD)
    assert session
    assert system.is_alive(session) is (name in KEEPS_SESSIONS)
    store.revoke(EMRE, now=datetime.now(UTC) + timedelta(seconds=1))
    assert not system.is_alive(session)
    assert any("sessions" in said for said in store.check()) is (name not in KEEPS_SESSIONS)


@requirement("RST-03")
@pytest.mark.parametrize("act", ["set", "revoke"])
def test_a_change_of_address_that_waits_ends_with_a_reset_or_the_operator_is_told_that_it_does_not(
    store: Store, system: System, name: str, clock: StillClock, act: str
) -> None:
    if not isinstance(system, Webhook | Cloak):
        assert any("change" in said and "wait" in said for said in store.check()) is (name != "database")
        return
    system.ask_for_change("emre-0")
    store.release(EMRE)
    assert system.is_change_waiting("emre-0")  # nothing was reset
    clock.move(seconds=1)
    set_new(store, NEW, clock) if act == "set" else store.revoke(EMRE, now=clock())
    assert not system.is_change_waiting("emre-0")


def test_a_forced_reset_is_taken_back_or_the_operator_is_told_that_it_cannot(
    store: Store, system: System, name: str, clock: StillClock
) -> None:
    store.expire(EMRE, before=clock())
    store.release(EMRE)
    assert bool(system.log_in("emre-0", OLD)) is (name in CAN_RELEASE)
    assert any("take a forced reset back" in said for said in store.check()) is (name not in CAN_RELEASE)


@requirement("PWD-08")
def test_the_old_password_is_refused_where_the_store_can_tell(
    store: Store, system: System, name: str, clock: StillClock
) -> None:
    set_new(store, NEW, clock)
    # Two of them do not tell, unless a history is kept.
    with pytest.raises((SamePassword, PasswordRefused)) if name not in ("scim", "cognito") else nullcontext():
        set_new(store, NEW, clock)


def test_who_is_not_there_is_told_nothing_and_set_nothing(store: Store, clock: StillClock) -> None:
    store.expire(NOBODY, before=clock())
    store.revoke(NOBODY, now=clock())
    store.release(NOBODY)


@requirement("PWD-01")
def test_its_policy_asks_for_no_less_than_ours(store: Store, name: str) -> None:
    least = {"ldap": 17, "keycloak": 16, "cognito": 16}.get(name, 15)
    assert (store.policy.minimum, store.policy.maximum >= 64) == (least, True)


@requirement("RST-06")
def test_the_operator_is_told_what_is_missing(store: Store, name: str) -> None:
    said = " ".join(store.check())
    assert ("unproven" in said) is (name == "keycloak" and not PROVEN_WITH)
    assert "more than it needs" not in said
    assert "cannot be used" not in said
