"""A story for each store: forced, refused at log-in, proved and set; the old session is over, and the gate knows."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.database import Database
from portal.gate.keys import Scope
from portal.sealing import KeyRing
from tests.cast import EMRE, settle
from tests.gate.bench import Caller, Locksmith, Work
from tests.requirements import requirement
from tests.reset.bench import OLD, open_ones, said_of, set_password
from tests.reset.systems import BRAND, System
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.visitor import Visitor

NEW = "Quiet tin boats drift north"
PAIRS = [("database", "sqlite"), ("ldap", "postgresql"), ("scim", "sqlite"), ("webhook", "postgresql")]
PAIRS += [("keycloak", "sqlite"), ("cognito", "sqlite"), ("database", "postgresql")]
STORIES = pytest.mark.parametrize(("name", "database"), PAIRS, indirect=["database"])


@pytest.fixture
def clock() -> StillClock:
    """The systems have clocks of their own, so this one is not far from them."""
    return StillClock(datetime.now(UTC))


@pytest.fixture
def portal(make_portal: MakePortal, system: System, database: Database, keys: KeyRing) -> Flask:
    """An application whose store it is, and emre was affected."""
    settle(database, keys, EMRE)
    return make_portal(**{"hashing": "surge", **system.settings()})


@pytest.fixture
def login(portal: Flask, database: Database, keys: KeyRing, clock: StillClock) -> Caller:
    """The company's log-in, which asks the gate with a key that may do no more."""
    return Caller(portal.test_client(), Locksmith(database, keys, clock()).make(Scope.READ, brand=BRAND))


@requirement("RST-02")
@requirement("RST-10")
@STORIES
def test_emre_is_made_safe_where_his_identity_lives(
    name: str, system: System, login: Caller, visitor: Visitor, work: Work, database: Database, clock: StillClock
) -> None:
    session = system.log_in("emre-0", OLD)
    assert session
    assert login.stands("emre-0") == ("not_listed", 0)
    clock.move(seconds=2)
    work()
    assert (system.log_in("emre-0", OLD), system.is_alive(session)) == (None, False)
    assert login.stands("emre-0") == ("must_reset", 1)
    visitor.arrive(EMRE.address)
    assert visitor.get("/next").location == "/password"
    clock.move(seconds=2)
    assert set_password(visitor, NEW).location == "/next"
    assert (visitor.get("/next").location != "/password", open_ones(database)) == (True, 0)
    assert login.stands("emre-0") == ("cleared", 2)
    work()
    assert not system.is_alive(session)
    assert system.log_in("emre-0", NEW)
    assert not system.log_in("emre-0", OLD)


@requirement("RST-05")
@pytest.mark.parametrize(("name", "database"), [("keycloak", "sqlite")], indirect=["database"])
def test_what_the_store_asks_for_is_said_before_and_what_it_refuses_is_said_in_the_customers_language(
    system: System, visitor: Visitor
) -> None:
    visitor.arrive(EMRE.address)
    page = visitor.get("/password").text
    assert "Use 16 characters or more." in page
    assert "The system that keeps your password also asks for a capital letter." in page
    assert (
        said_of(set_password(visitor, "quiet tin boats drift north")) == "Something is missing. Add a capital letter."
    )
    answer = set_password(visitor, OLD.title())
    assert (answer.status, answer.location) == (303, "/next")
    refused = set_password(visitor, OLD.title())
    assert said_of(refused) == "You have used this password before. Choose one that is new."
    assert "Invalid password" not in refused.text
    dutch = visitor.get("/password?lang=nl").text
    assert "een hoofdletter" in dutch


@requirement("RST-05")
@pytest.mark.parametrize(("name", "database"), [("ldap", "sqlite")], indirect=["database"])
def test_a_directorys_history_is_kept(system: System, visitor: Visitor) -> None:
    visitor.arrive(EMRE.address)
    assert "Use 17 characters or more." in visitor.get("/password").text
    assert said_of(set_password(visitor, "only sixteen wds")).startswith("This is too short. Use 17")
    assert said_of(set_password(visitor, OLD)) == "You have used this password before. Choose one that is new."
