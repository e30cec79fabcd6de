"""The shared counter of limits killed, frozen and started again: limits are tighter meanwhile, and never gone."""

import signal
from collections import Counter as Tally
from time import monotonic

import pytest

from portal.limits import PROOFS_PER_HOST, REQUESTS_PER_HOST, Limit
from tests.luck.wire import Line, get, post, stranger
from tests.requirements import requirement
from tests.servers.counter import Counter
from tests.servers.processes import Install, Installation
from tests.servers.waiting import until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HONEST_SECONDS = 5
FLOODED = 429
MOVED = 10


@pytest.fixture
def counted(install: Install, counter: Counter) -> Installation:
    """A portal of one web process behind one proxy, which counts at the counter."""
    installation = install(limiter_url=counter.url, trusted_proxies=1)
    installation.web()
    return installation


def flood(port: int, path: str, limit: Limit, *, lines: int = 1) -> Tally[int]:
    """Ask twice as often as anybody may, from one address nobody came from before."""
    host, fields = stranger(), {"public_id": "a" * 20, "token": "b" * 50}
    one = post(port, path, fields, X_Forwarded_For=host) if path == "/v" else get(port, path, X_Forwarded_For=host)
    told: Tally[int] = Tally()
    for _ in range(lines):
        with Line(port) as line:
            for _ in range(2 * limit.amount // lines):
                line.send(one)
                told[line.answer().status] += 1
    return told


def share(port: int, path: str, limit: Limit) -> float:
    """Which part of a limit lets a flood through; a few more pass while the minute that is counted moves on."""
    told = flood(port, path, limit)
    return round((told.total() - told[FLOODED]) / limit.amount, 1)


@requirement("OPS-03")
def test_without_the_counter_every_limit_is_halved_and_health_is_always_told(
    counted: Installation, counter: Counter
) -> None:
    assert share(counted.port, "/v", PROOFS_PER_HOST) == 1
    counter.end()
    assert share(counted.port, "/v", PROOFS_PER_HOST) == 0.5
    assert share(counted.port, "/sent", REQUESTS_PER_HOST) == 0.5
    assert share(counted.port, "/nowhere", REQUESTS_PER_HOST) == 0.5
    assert flood(counted.port, "/healthz", REQUESTS_PER_HOST) == {200: 2 * REQUESTS_PER_HOST.amount}


@requirement("OPS-03")
def test_without_the_counter_one_allowance_holds_for_all_pages_together(
    counted: Installation, counter: Counter
) -> None:
    counter.end()
    host = stranger()
    with Line(counted.port) as line:
        for path in ("/", "/faq", "/help", "/updates") * (REQUESTS_PER_HOST.amount // 8):
            line.send(get(counted.port, path, X_Forwarded_For=host))
            assert line.answer().status == 200
        for _ in range(MOVED):
            line.send(get(counted.port, "/sent", X_Forwarded_For=host))
            told = line.answer().status
        assert told == FLOODED


@requirement("OPS-03", "ENG-04")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_counter_that_is_away_keeps_nobody_waiting_and_is_used_again_when_it_is_back(
    counted: Installation, counter: Counter, how: signal.Signals
) -> None:
    counter.end(how)
    with Line(counted.port) as line:
        for path in ("/", "/faq", "/leave"):
            began = monotonic()
            line.send(get(counted.port, path))
            assert line.answer().status == 200
            assert monotonic() - began < HONEST_SECONDS
    counter.end(signal.SIGCONT) if how == signal.SIGSTOP else counter.start()
    counter.answers(b"FLUSHALL")
    until(lambda: counts_again(counted, counter), "the counter is used again")


@requirement("OPS-03")
def test_all_web_processes_count_together(install: Install, counter: Counter) -> None:
    installation = install(limiter_url=counter.url, trusted_proxies=1)
    installation.web("--workers", "2")
    told = flood(installation.port, "/sent", REQUESTS_PER_HOST, lines=24)
    assert REQUESTS_PER_HOST.amount <= told[200] <= REQUESTS_PER_HOST.amount + MOVED


def counts_again(counted: Installation, counter: Counter) -> bool:
    with Line(counted.port) as line:
        line.send(get(counted.port, "/sent"))
        assert line.answer().status == 200
    return counter.answers(b"DBSIZE") != b":0\r\n"
