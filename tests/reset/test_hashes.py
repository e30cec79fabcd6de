"""Hashes: argon2id as the standards ask, stronger as people return, and never weaker."""

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from portal.database import Database
from portal.reset.hashing import PROFILES, Hasher
from portal.reset.stores.database import Credential, DatabaseStore
from portal.reset.stores.protocol import AccountKey, Overtaken, Policy, SamePassword
from portal.sealing import KeyRing
from tests.cast import EMRE, settle
from tests.requirements import requirement
from tests.reset.bench import LONG_AGO, NEW, OLD, OLD_HASH, OTHER, credential, give_passwords, key_of
from tests.servers.ground import MORNING, MakeSettings

EMRES = key_of(EMRE)
ELDERLY = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1, hash_len=16, salt_len=8)


@pytest.fixture
def store(database: Database, keys: KeyRing, settings: MakeSettings) -> DatabaseStore:
    """A store in which emre has the old password."""
    settle(database, keys, EMRE)
    give_passwords(database, keys, EMRE)
    return at_profile("surge", database, keys)


def at_profile(profile: str, database: Database, keys: KeyRing) -> DatabaseStore:
    """A store with this strength of hashing."""
    return DatabaseStore(database, keys, Hasher(profile, processes=1, waiting=4), Policy(15))


def kept(database: Database, keys: KeyRing) -> tuple[dict[str, int], int, int]:
    """Emre's hash, taken apart: parameters, bytes of salt, bytes of tag."""
    _, algorithm, version, parameters, salt, tag = (credential(database, keys, EMRE).password_hash or "").split("$")
    assert (algorithm, version) == ("argon2id", "v=19")
    numbers = {name: int(value) for name, value in (part.split("=") for part in parameters.split(","))}
    return numbers, *(len(base64.b64decode(part + "==")) for part in (salt, tag))


@requirement("PWD-06")
@pytest.mark.parametrize(
    ("profile", "parameters"), [("full", {"m": 65536, "t": 3, "p": 1}), ("surge", {"m": 19456, "t": 2, "p": 1})]
)
def test_what_is_stored_is_argon2id_with_these_parameters(
    store: DatabaseStore, database: Database, keys: KeyRing, profile: str, parameters: dict[str, int]
) -> None:
    at_profile(profile, database, keys).set_password(EMRES, NEW, epoch=1, now=MORNING)
    assert kept(database, keys) == (parameters, 16, 32)


@requirement("PWD-06")
def test_by_itself_the_portal_hashes_at_full_strength(
    settings: MakeSettings, database: Database, keys: KeyRing
) -> None:
    assert settings().hashing == "full"
    assert DatabaseStore.of(settings(), database, keys).hasher._argon2.memory_cost == 65536


@requirement("PWD-06")
def test_nothing_but_argon2id_can_be_stored(store: DatabaseStore, database: Database) -> None:
    with pytest.raises(Exception, match="argon2id"), database.write() as session:
        session.execute(update(Credential).values(password_hash="$2b$12$abcdefghijklmnopqrstuv"))


@requirement("PWD-06")
@pytest.mark.parametrize("profile", ["full", "surge"])
def test_a_hash_grows_stronger_when_its_owner_logs_in(
    store: DatabaseStore, database: Database, keys: KeyRing, profile: str
) -> None:
    with database.write() as session:
        session.execute(update(Credential).values(password_hash=ELDERLY.hash(OLD)))
    here = at_profile(profile, database, keys)
    assert not here.log_in(EMRES, NEW)
    assert kept(database, keys)[0]["m"] == 8192
    assert here.log_in(EMRES, OLD)
    assert kept(database, keys)[0]["m"] == here.hasher._argon2.memory_cost
    assert here.log_in(EMRES, OLD)
    assert credential(database, keys, EMRE).epoch == 1


@requirement("PWD-06")
def test_a_storm_weakens_no_stronger_hash(store: DatabaseStore, database: Database, keys: KeyRing) -> None:
    at_profile("full", database, keys).set_password(EMRES, NEW, epoch=1, now=MORNING)
    assert store.log_in(EMRES, NEW)
    assert kept(database, keys)[0] == {"m": 65536, "t": 3, "p": 1}


@requirement("PWD-06")
def test_equal_passwords_have_different_hashes(store: DatabaseStore, database: Database, keys: KeyRing) -> None:
    store.set_password(EMRES, NEW, epoch=1, now=MORNING)
    first = credential(database, keys, EMRE).password_hash
    store.set_password(EMRES, OTHER, epoch=2, now=MORNING)
    store.set_password(EMRES, NEW, epoch=3, now=MORNING)
    assert credential(database, keys, EMRE).password_hash not in (first, OLD_HASH)


@requirement("PWD-08")
def test_the_password_that_is_held_now_is_not_taken_again(store: DatabaseStore, database: Database) -> None:
    with pytest.raises(SamePassword):
        store.set_password(EMRES, OLD, epoch=1, now=MORNING)
    store.set_password(EMRES, NEW, epoch=1, now=MORNING)
    with pytest.raises(SamePassword):
        store.set_password(EMRES, NEW, epoch=2, now=MORNING)


@requirement("RST-04")
def test_a_password_is_set_on_the_account_as_it_was_seen_or_not_at_all(
    store: DatabaseStore, database: Database, keys: KeyRing
) -> None:
    store.set_password(EMRES, NEW, epoch=1, now=MORNING)
    for late, password in product((1, 3), (NEW, OTHER)):
        with pytest.raises(Overtaken):
            store.set_password(EMRES, password, epoch=late, now=MORNING)
    assert store.log_in(EMRES, NEW)
    assert credential(database, keys, EMRE).epoch == 2


@requirement("RST-04")
def test_whoever_hashes_longer_does_not_overwrite_a_later_password(
    store: DatabaseStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = store.hasher.run

    def overtaken(work: object) -> object:
        result = quick(work)  # type: ignore[arg-type]
        monkeypatch.undo()
        store.set_password(EMRES, OTHER, epoch=1, now=MORNING)
        return result

    monkeypatch.setattr(store.hasher, "run", overtaken)
    with pytest.raises(Overtaken):
        store.set_password(EMRES, NEW, epoch=1, now=MORNING)
    assert store.log_in(EMRES, OTHER)


def test_an_account_is_expired_if_its_password_is_old_or_of_unknown_age(
    store: DatabaseStore, database: Database, keys: KeyRing
) -> None:
    store.expire(EMRES, before=LONG_AGO)
    assert store.log_in(EMRES, OLD)
    with database.write() as session:
        session.execute(update(Credential).values(changed_at=None))
    store.expire(EMRES, before=LONG_AGO)
    assert not store.log_in(EMRES, OLD)
    store.release(EMRES)
    assert store.log_in(EMRES, OLD)


@requirement("RST-02")
def test_a_late_order_to_revoke_brings_no_session_back(store: DatabaseStore, database: Database, keys: KeyRing) -> None:
    store.revoke(EMRES, now=MORNING)
    store.revoke(EMRES, now=MORNING - timedelta(hours=1))
    assert credential(database, keys, EMRE).sessions_from == MORNING


def test_nobody_hears_at_log_in_which_accounts_exist_or_must_reset(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    took: list[float] = []

    def timed(work: Callable[[PasswordHasher], object]) -> object:
        began = time.thread_time()
        result = work(PROFILES["surge"])
        took.append(time.thread_time() - began)
        return result

    monkeypatch.setattr(store.hasher, "run", timed)
    assert not store.log_in(EMRES, NEW)
    assert not store.log_in(AccountKey("stagelight-uk", "nobody"), OLD)
    store.expire(EMRES, before=MORNING)
    assert not store.log_in(EMRES, OLD)
    assert len(took) == 3
    assert max(took) < 4 * min(took)
