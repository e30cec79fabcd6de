"""Our addresses come from the incident file; a request can only choose among them."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.web.origins import allowed_hosts, asked_brand, is_secure, speaking_origin
from tests.requirements import requirement
from tests.web.bench import OTHER, PLAIN, SECURE, StandIn

FORGED = [
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Port": "444"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-Server": "evil.example"},
    {"X-Original-Host": "evil.example"},
    {"X-Host": "evil.example"},
    {"X-Original-URL": "/evil"},
    {"X-Rewrite-URL": "/evil"},
    {"X-HTTP-Host-Override": "evil.example"},
    {"Forwarded": "for=1.2.3.4;host=evil.example;proto=http"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
]


@requirement("LNK-20")
@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: next(iter(headers)))
def test_no_header_changes_where_we_speak_from(hall: Callable[..., Flask], headers: dict[str, str]) -> None:
    app = hall(trusted_proxies=1)
    with app.test_request_context("/", base_url=SECURE, headers=headers):
        assert speaking_origin() == SECURE


@requirement("LNK-20")
def test_each_brand_speaks_from_its_own_origin(hall: Callable[..., Flask]) -> None:
    app = hall()
    for number, origin in enumerate((SECURE, OTHER)):
        with app.test_request_context("/", base_url=origin):
            brand = asked_brand()
            assert speaking_origin() == origin
            assert brand is not None
            assert brand.id == f"b{number}"


@requirement("LNK-20")
def test_the_scheme_is_the_origins_even_if_the_proxy_forgets_it(hall: Callable[..., Flask]) -> None:
    with hall().test_request_context("/", base_url=SECURE.replace("https", "http")):
        assert speaking_origin() == SECURE
        assert is_secure()


def test_only_hosts_of_configured_origins_are_allowed() -> None:
    assert allowed_hosts(StandIn(origins=(SECURE, OTHER, PLAIN))) == [
        "help.seatswap.example",
        "help.stagelight.example",
        "localhost",
    ]
