"""The line to a store outside: one address, verified, no redirect, an end to every wait, each failure by its name."""

import socket
import time
from datetime import UTC, datetime

import pytest

from portal.config import Settings
from portal.reset.stores import wire
from portal.reset.stores.guarding import FAILURES, Breaker, Guarded
from portal.reset.stores.protocol import AccountKey, Policy, StoreAway, StoreBusy, StoreUncertain
from portal.reset.stores.webhook import WebhookStore
from portal.reset.stores.wire import Wire, spelled
from tests.requirements import requirement
from tests.servers.certificates import Certificates
from tests.servers.ground import MakeSettings
from tests.servers.ports import free_port
from tests.servers.trickster import DONE_AND_DROP, DRIP, DROP, HANG, KEY, Trickster, Trouble, listening

EMRE = AccountKey("stagelight-uk", "emre-0")
LONG_AGO = datetime(2017, 3, 1, tzinfo=UTC)


def store_at(url: str, trusted: str | bool = True) -> WebhookStore:
    """A store over a line to there."""
    return WebhookStore(Wire(url, trusted), (KEY.encode(),), lambda: datetime.now(UTC))


@requirement("RST-07")
@pytest.mark.parametrize(
    ("trouble", "fault", "seconds"),
    [
        ((500, {}), StoreUncertain, 0),
        ((502, {}), StoreUncertain, 0),
        ((418, {}), StoreUncertain, 0),
        ((429, {"Retry-After": "120"}), StoreBusy, 120),
        ((503, {"Retry-After": "Tue, 01 Jan 2999 00:00:00 GMT"}), StoreBusy, 3600),
        ((503, {"Retry-After": "soon"}), StoreBusy, 0),
        ((503, {}), StoreBusy, 0),
        (DROP, StoreUncertain, 0),
        (DONE_AND_DROP, StoreUncertain, 0),
        ((401, {}), StoreAway, 0),
    ],
)
def test_each_failure_is_called_what_it_is(
    trickster: Trickster, trouble: Trouble, fault: type[Exception], seconds: float
) -> None:
    trickster.misbehave(trouble)
    with pytest.raises(fault) as told:
        store_at(trickster.url).expire(EMRE, before=LONG_AGO, epoch=1)
    assert type(told.value) is fault
    assert getattr(told.value, "seconds", 0) == seconds


@requirement("RST-07")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(trickster: Trickster, status: int) -> None:
    with listening() as other:
        trickster.misbehave((status, {"Location": other.url}))
        with pytest.raises(StoreUncertain):
            store_at(trickster.url).expire(EMRE, before=LONG_AGO, epoch=1)
        assert other.heard == []


@requirement("RST-07")
def test_nobody_but_the_one_address_is_asked(trickster: Trickster, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert store_at(trickster.url).find(EMRE) is None
    for path in ("@localhost:1/", ".evil.example/", ":1/"):
        with pytest.raises(ValueError, match="another host"):
            Wire(trickster.url).ask("GET", path)
    assert spelled("../admin?x=1#y/é@evil") == "%2E%2E%2Fadmin%3Fx%3D1%23y%2F%C3%A9%40evil"


@requirement("RST-07")
def test_a_store_is_believed_only_with_its_certificate(certificates: Certificates) -> None:
    with listening(certificates) as told:
        assert store_at(told.url, str(certificates.authority)).find(EMRE) is None
        with pytest.raises(StoreAway):
            store_at(told.url).find(EMRE)
        with pytest.raises(StoreAway):
            store_at(told.url.replace("localhost", "127.0.0.2"), str(certificates.authority)).find(EMRE)
    assert [one["call"] for one in told.heard] == ["find"]


@requirement("RST-07")
def test_where_nobody_listens_nothing_was_done() -> None:
    with pytest.raises(StoreAway):
        store_at(f"http://127.0.0.1:{free_port()}").find(EMRE)


@requirement("RST-07")
def test_a_wait_ends(trickster: Trickster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "ANSWER_SECONDS", 0.2)
    trickster.misbehave(HANG)
    began = time.monotonic()
    with pytest.raises(StoreUncertain):
        store_at(trickster.url).expire(EMRE, before=LONG_AGO, epoch=1)
    assert time.monotonic() - began < 2


@requirement("RST-07")
def test_a_store_that_drips_is_given_up_in_time_too(trickster: Trickster) -> None:
    trickster.misbehave(DRIP)
    began = time.monotonic()
    with pytest.raises(StoreUncertain):
        Guarded(store_at(trickster.url), seconds=0.4).expire(EMRE, before=LONG_AGO, epoch=1)
    assert 0.3 < time.monotonic() - began < 2
    assert (wire.CONNECT_SECONDS, wire.CONNECT_SECONDS + wire.ANSWER_SECONDS, Guarded.seconds) == (3, 10, 10)


@requirement("RST-07")
def test_a_store_that_is_away_is_left_alone_and_tried_again() -> None:
    moment = [0.0]
    breaker = Breaker(lambda: moment[0])
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    held = Guarded(store_at(f"http://127.0.0.1:{port}"), breaker=breaker)
    for _ in range(FAILURES):
        with pytest.raises(StoreAway):
            held.find(EMRE)
    assert 2 < breaker.open_until <= 5
    with pytest.raises(StoreAway) as told:
        held.find(EMRE)
    assert told.value.seconds == breaker.open_until  # without asking
    assert breaker.failures == FAILURES
    moment[0] = breaker.open_until
    with pytest.raises(StoreAway):
        held.find(EMRE)  # one asks, and it is away for longer
    assert (breaker.failures, breaker.open_until - moment[0] > 4.9) == (FAILURES + 1, True)
    breaker.succeeded()
    assert (breaker.failures, breaker.open_until) == (0, 0)


@requirement("RST-07")
def test_of_many_that_come_after_its_rest_one_tries_and_the_others_do_not(trickster: Trickster) -> None:
    moment = [0.0]
    breaker = Breaker(lambda: moment[0])
    for _ in range(FAILURES):
        breaker.failed()
    moment[0] = breaker.open_until
    breaker.enter()
    for _ in range(3):
        with pytest.raises(StoreAway):
            Guarded(store_at(trickster.url), breaker=breaker).find(EMRE)
    assert trickster.heard == []


def test_its_policy_is_asked_once_and_remembered_while_it_is_away(trickster: Trickster) -> None:
    moment = [0.0]
    held = Guarded(store_at(trickster.url), breaker=Breaker(lambda: moment[0]))
    assert held.policy == held.policy == Policy(15, 64)
    assert len(trickster.heard) == 1
    held.store = store_at(f"http://127.0.0.1:{free_port()}")
    moment[0] = 301
    assert held.policy == Policy(15, 64)
    assert Guarded(held.store, has_second_factor=True).policy == Policy(8)


@requirement("RST-07")
@pytest.mark.parametrize(
    "said",
    [
        {"store": "webhook", "store_url": "http://store.example", "store_secret": KEY},
        {
            "store": "ldap",
            "store_url": "ldap://store.example",
            "store_secret": KEY,
            "store_user": "x",
            "store_place": "y",
        },
        {"store": "scim", "store_url": "ftp://store.example", "store_secret": KEY},
    ],
)
def test_what_is_not_encrypted_stops_the_start(settings: MakeSettings, said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="PORTAL_STORE_URL is not encrypted"):
        settings(**said)


def test_what_a_store_needs_is_named(settings: MakeSettings) -> None:
    with pytest.raises(ValueError, match="PORTAL_STORE_PLACE is missing"):
        settings(store="cognito", store_url="https://store.example")
    assert isinstance(settings(), Settings)
