"""The console's host: its own, not linked from anywhere, seen from the networks that may, and nothing else is there."""

import re

import pytest
from flask import Flask

from portal.config import HalfConfigured
from portal.console import access
from portal.members.roles import Role
from tests.console.bench import Office
from tests.console.test_roles import address
from tests.members.bench import ORIGIN
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.visitor import Visitor

CUSTOMERS = ("/faq", "/updates", "/help", "/v", "/status", "/leave", "/password", "/metrics", "/nowhere")


@requirement("STF-01")
def test_the_console_is_on_its_own_host_alone(office: Office, visitor: Visitor, portal: Flask) -> None:
    for what in access.matrix(portal):
        method, _, rule = what.partition(" ")
        path = address(rule)
        told = visitor.get(path) if method == "GET" else visitor.post(path, {})
        assert told.status == 404, what
        assert "Staff console" not in told.text
    assert office.browser().get("/staff/enter").status == 200


@requirement("STF-01")
def test_no_page_of_the_customers_is_on_the_consoles_host(office: Office) -> None:
    browser = office.browser()
    assert {path: browser.get(path).status for path in CUSTOMERS} == dict.fromkeys(CUSTOMERS, 404)
    assert browser.post("/start", {"email": "amara@mail.example"}).status == 404
    assert browser.get("/healthz").status == 200
    assert browser.get("/").location == "/staff"


@requirement("STF-01")
def test_no_page_of_the_customers_names_the_console(visitor: Visitor) -> None:
    for path in ("/", "/faq", "/help", "/real-messages", "/updates", "/nowhere"):
        text = visitor.get(path).text
        assert "/staff" not in text
        assert "console.stagelight" not in text


@requirement("STF-01")
def test_pages_of_the_console_lead_to_no_page_of_the_customers(office: Office) -> None:
    dilys = office.seat("dilys", Role.ADMIN)
    for path in ("/staff", "/staff/members", "/staff/passkeys", "/staff/nowhere"):
        links = set(re.findall(r'href="(/[^"]*)"', dilys.get(path).text))
        assert {link for link in links if not link.startswith(("/staff", "/static/"))} == set()


@requirement("STF-01")
def test_without_its_address_there_is_no_console(make_portal: MakePortal) -> None:
    app = make_portal()
    assert access.matrix(app) == {}
    assert app.test_client().get("/staff/enter").status_code == 404


@requirement("STF-01")
@pytest.mark.parametrize(
    ("networks", "host", "status"),
    [
        ("203.0.113.0/24 2001:db8::/32", "203.0.113.7", 200),
        ("203.0.113.0/24 2001:db8::/32", "2001:db8::7", 200),
        ("203.0.113.0/24 2001:db8::/32", "::ffff:203.0.113.7", 200),
        ("203.0.113.0/24", "203.0.114.7", 421),
        ("203.0.113.0/24", "2001:db8::7", 421),
        ("203.0.113.0/24", "nonsense", 421),
    ],
)
def test_other_networks_hear_that_there_is_no_such_host(
    make_portal: MakePortal, networks: str, host: str, status: int
) -> None:
    client = make_portal(console_origin=ORIGIN, console_networks=networks).test_client()
    client.environ_base["REMOTE_ADDR"] = host
    told = client.get("/staff/enter", base_url=ORIGIN)
    assert told.status_code == status
    assert ("Staff console" in told.text) is (status == 200)


@requirement("STF-01")
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"console_origin": "http://localhost:9000"}, "no brand uses"),
        ({"console_origin": "console.stagelight.example"}, "PORTAL_CONSOLE_ORIGIN"),
        ({"console_origin": "http://console.stagelight.example"}, "not encrypted"),
    ],
)
def test_a_console_in_the_wrong_place_stops_the_start(
    make_portal: MakePortal, said: dict[str, str], named: str
) -> None:
    with pytest.raises(HalfConfigured, match=named):
        make_portal(**said)


def test_passkeys_may_be_asked_for_at_the_console_only(office: Office, visitor: Visitor) -> None:
    told = [
        browser.get(path).headers["Permissions-Policy"]
        for browser, path in ((office.browser(), "/staff/enter"), (visitor, "/"))
    ]
    for feature in ("publickey-credentials-get", "publickey-credentials-create"):
        assert [f"{feature}=(self)" in one for one in told] == [True, False]
        assert [f"{feature}=()" in one for one in told] == [False, True]


def test_staff_can_work_before_anything_is_published(office: Office, visitor: Visitor) -> None:
    office.clock.move(days=-300)
    assert visitor.get("/").status == 503
    assert office.seat("dilys", Role.ADMIN).get("/staff").status == 200
