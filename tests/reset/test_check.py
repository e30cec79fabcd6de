"""`flask store check`: whether the store is reached, verified and fit, and what this kind of store cannot do."""

import pytest
from click.testing import Result

from portal.database import Database
from tests.requirements import requirement
from tests.reset.systems import Ldap
from tests.servers.app import MakePortal
from tests.servers.keycloak import Keycloak
from tests.servers.ports import free_port
from tests.servers.slapd import ROOT, Slapd

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def checked(make_portal: MakePortal, **said: object) -> Result:
    """What the command says of a store."""
    return make_portal(**said).test_cli_runner().invoke(args=["store", "check"])


def test_the_portals_own_table_is_fit(make_portal: MakePortal, database: Database) -> None:
    told = checked(make_portal)
    assert (told.exit_code, told.output.splitlines()) == (
        0,
        ["The store “database” answers. Passwords have 15 to 128 signs; kinds asked for: none."],
    )


@requirement("RST-06")
def test_a_directory_that_gives_no_more_rights_than_needed_is_fit(
    make_portal: MakePortal, slapd: Slapd, database: Database
) -> None:
    told = checked(make_portal, **Ldap(slapd).settings())
    assert told.exit_code == 0
    assert "Passwords have 17 to 128 signs" in told.output
    assert "let your log-in ask the gate first" in told.output
    assert not [word for word in ("missing", "more than it needs", "No password policy") if word in told.output]


@requirement("RST-06")
def test_rights_that_are_not_needed_are_named(make_portal: MakePortal, slapd: Slapd, database: Database) -> None:
    told = checked(make_portal, **{**Ldap(slapd).settings(), "store_user": ROOT, "store_secret": "root"})
    assert "The account may read userPassword: that is more than it needs; take the right away." in told.output


@requirement("RST-06")
@pytest.mark.parametrize(
    "wrong", [{"store_secret": "not it"}, {"store_authority": None}, {"store_url": f"ldaps://localhost:{free_port()}"}]
)
def test_what_stands_in_the_way_is_said(
    make_portal: MakePortal, slapd: Slapd, database: Database, wrong: dict[str, object]
) -> None:
    told = checked(make_portal, **{**Ldap(slapd).settings(), **wrong})
    assert told.exit_code == 1
    assert "was not reached, or does not let us in" in told.output
    assert "not it" not in told.output


def test_what_nobody_has_tried_is_called_unproven(
    make_portal: MakePortal, keycloak: Keycloak, database: Database
) -> None:
    said = {"store": "keycloak", "store_url": keycloak.url, "store_place": "customers", "store_user": "portal"}
    told = checked(make_portal, **said, store_secret="the client's secret")
    assert told.exit_code == 0
    assert "- unproven: never run against a real Keycloak" in told.output
    assert "kinds asked for: upper." in told.output
