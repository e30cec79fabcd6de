"""What is particular to one store: versions at SCIM, finished hashes at a directory, and what each must never do."""

from datetime import UTC, datetime
from pathlib import Path

import ldap3
import pytest

from portal.config import ROOT
from portal.reset.stores import cognito, keycloak, ldap, scim
from portal.reset.stores.protocol import AccountKey, Overtaken, PasswordRefused, Refusal
from tests.requirements import requirement
from tests.reset.bench import NEW, OLD, OTHER
from tests.reset.cloaks import VARIABLES, Cloak
from tests.reset.clouds import Cognito, Scim
from tests.reset.systems import Ldap, MakeSystem
from tests.servers.ground import MakeSettings, StillClock
from tests.servers.keycloak import CLIENT, SECRET, Keycloak
from tests.servers.slapd import BASE, Slapd
from tests.servers.slapd import ROOT as MANAGER

MINE = AccountKey("stagelight-uk", "particular")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@requirement("RST-04")
def test_scim_changes_nothing_that_another_has_changed_since(
    scim_: Scim, settings: MakeSettings, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = scim.open_store(settings(**scim_.settings()), clock)
    seen = store._user(MINE)
    store.set_password(MINE, OTHER, epoch=1, now=NOW)
    monkeypatch.setattr(store, "_user", lambda _: seen)
    with pytest.raises(Overtaken):
        store.set_password(MINE, NEW, epoch=1, now=NOW)
    assert scim_.log_in("particular", OTHER)


@pytest.fixture
def scim_(scim: str) -> Scim:
    """A SCIM server with an account."""
    made = Scim(scim)
    made.open("particular", OLD)
    return made


@requirement("PWD-06")
def test_a_directory_gets_argon2id_where_its_own_hash_would_be_weaker(
    slapd: Slapd, settings: MakeSettings, clock: StillClock
) -> None:
    made = Ldap(slapd)
    for prehashed, kind in ((False, b"{ARGON2}$argon2i$v=19$m=4096"), (True, b"{ARGON2}$argon2id$v=19$m=19456")):
        made.open("particular", OLD)
        said = {**made.settings(), "store_prehashed": prehashed, "hashing": "surge"}
        ldap.open_store(settings(**said), clock).set_password(MINE, NEW, epoch=1, now=NOW)
        root = slapd.as_root()
        root.search(f"uid=particular,{BASE}", "(objectClass=*)", ldap3.BASE, attributes=["userPassword"])
        assert root.response[0]["raw_attributes"]["userPassword"][0].startswith(kind)
        root.unbind()
        assert made.log_in("particular", NEW)


def test_no_mark_stays_where_the_directory_sets_one_with_each_new_password(
    slapd: Slapd, settings: MakeSettings, clock: StillClock
) -> None:
    made = Ldap(slapd)
    made.open("particular", OLD)
    said = {**made.settings(), "store_user": MANAGER, "store_secret": "root"}  # for whom pwdMustChange does so
    ldap.open_store(settings(**said), clock).set_password(MINE, NEW, epoch=1, now=NOW)
    assert made.log_in("particular", NEW)


@requirement("RST-05")
def test_a_directorys_reasons_are_told_apart(slapd: Slapd, settings: MakeSettings, clock: StillClock) -> None:
    made = Ldap(slapd)
    made.open("particular", OLD)
    store = ldap.open_store(settings(**made.settings()), clock)
    for password, reason in (("too short", Refusal.SHORT), (OLD, Refusal.USED)):
        with pytest.raises(PasswordRefused) as told:
            store.set_password(MINE, password, epoch=1, now=NOW)
        assert told.value.reason is reason


@requirement("RST-02")
def test_keycloak_is_logged_out_of_after_each_reset_for_a_reset_alone_ends_nothing(
    keycloak_: Keycloak, settings: MakeSettings, clock: StillClock
) -> None:
    made = Cloak(keycloak_.url)
    made.open("particular", OLD)
    made.ask_for_change("particular")
    keycloak_.said.clear()
    store = keycloak.open_store(settings(**made.settings()), clock)
    store.set_password(MINE, NEW.title(), epoch=1, now=NOW)
    acts = [one.rpartition("/")[2] for one in keycloak_.said if one.startswith(("PUT", "POST"))]
    assert acts == ["token", "reset-password", "id-of-particular", "logout"]
    held = keycloak_.users["id-of-particular"]["user"]
    assert (held["firstName"], held["attributes"]) == ("particular", {"locale": ["nl"]})  # nothing else was lost


def test_a_real_keycloak_is_asked_where_one_is_named(
    keycloak: Keycloak, make_system: MakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYCLOAK_URL", keycloak.url)
    with pytest.raises(KeyError, match="KEYCLOAK_REALM"):
        make_system("keycloak")
    for name, value in zip(VARIABLES[1:], ("another", CLIENT, SECRET), strict=True):
        monkeypatch.setenv(name, value)
    assert make_system("keycloak") == Cloak(keycloak.url, "another")
    assert Cloak(keycloak.url, "another").settings()["store_place"] == "another"


@pytest.fixture
def keycloak_(keycloak: Keycloak) -> Keycloak:
    """What stands for Keycloak."""
    return keycloak


@requirement("RST-02")
def test_cognitos_old_token_would_outlive_a_new_password(
    cognito_: Cognito, settings: MakeSettings, clock: StillClock
) -> None:
    token = cognito_.log_in("particular", OLD)
    assert token
    said = {"UserPoolId": cognito_.pool, "Username": "particular", "Password": NEW, "Permanent": True}
    cognito_.client.admin_set_user_password(**said)
    assert cognito_.is_alive(token)
    cognito.open_store(settings(**cognito_.settings()), clock).set_password(MINE, OTHER, epoch=1, now=NOW)
    assert not cognito_.is_alive(token)


@pytest.fixture
def cognito_(cognito: str) -> Cognito:
    """A pool with an account."""
    made = Cognito(cognito)
    made.open("particular", OLD)
    return made


def test_cognito_never_writes_to_the_customer_itself() -> None:
    source = Path(ROOT, "portal", "reset", "stores", "cognito.py").read_text(encoding="utf-8")
    assert "admin_reset_user_password" not in source
