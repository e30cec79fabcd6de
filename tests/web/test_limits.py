"""Limits count people's networks, and cannot be talked out of it."""

from collections.abc import Callable

from flask import Flask

from portal.limits import REQUESTS_PER_HOST
from tests.requirements import requirement
from tests.web.bench import Client, client_of

MOST = REQUESTS_PER_HOST.amount
MOVED = 5  # the minute that is counted moves on while a test floods, and lets a few more through


def flood(client: Client, *, headers: Callable[[int], dict[str, str]] = lambda _: {}) -> list[int]:
    return [client.get("/private", headers=headers(turn)).status_code for turn in range(MOST + MOVED)]


@requirement("OPS-05")
def test_a_flood_from_one_address_is_answered_with_429(client: Client) -> None:
    told = flood(client)
    assert told[:MOST] == [200] * MOST
    assert told[-1] == 429
    answer = client.get("/private")
    assert "Too many requests at once" in answer.text
    assert not [name for name in dict(answer.headers) if name.startswith("X-RateLimit")]


@requirement("OPS-05")
def test_a_home_with_ipv6_counts_as_one(hall: Callable[..., Flask]) -> None:
    app = hall()
    flood(client_of(app, host="2001:db8:1:2::1"))
    assert client_of(app, host="2001:db8:1:2:ffff::9").get("/private").status_code == 429
    assert client_of(app, host="2001:db8:1:3::1").get("/private").status_code == 200


@requirement("OPS-05")
def test_an_ipv4_address_written_as_ipv6_counts_as_itself(hall: Callable[..., Flask]) -> None:
    app = hall()
    flood(client_of(app, host="::ffff:203.0.113.7"))
    assert client_of(app, host="203.0.113.7").get("/private").status_code == 429
    assert client_of(app, host="::ffff:203.0.113.8").get("/private").status_code == 200


@requirement("OPS-04")
def test_a_made_up_forwarded_address_changes_nothing(client: Client) -> None:
    told = flood(client, headers=lambda turn: {"X-Forwarded-For": f"198.51.100.{turn}", "X-Real-IP": "10.0.0.1"})
    assert told[-1] == 429


@requirement("OPS-04")
def test_behind_our_proxy_only_its_own_word_counts(hall: Callable[..., Flask]) -> None:
    client = client_of(hall(trusted_proxies=1))
    told = flood(client, headers=lambda turn: {"X-Forwarded-For": f"198.51.100.{turn}, 203.0.113.50"})
    assert told[-1] == 429
    assert client.get("/private", headers={"X-Forwarded-For": "203.0.113.50, 203.0.113.51"}).status_code == 200


def test_files_and_the_sign_of_life_are_never_limited(client: Client) -> None:
    assert {client.get("/healthz").status_code for _ in range(MOST + 5)} == {200}
