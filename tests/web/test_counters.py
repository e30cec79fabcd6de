"""Counters in memory: a sliding window for each visitor, exact under any number of threads, and forgetful."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from portal.counters import SWEEP_SECONDS, WindowCounters
from tests.requirements import requirement

TEN = parse("10 per 60 second")


class Moment:
    """A clock in seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moment() -> Moment:
    """The beginning of a window."""
    return Moment()


@pytest.fixture
def counters(moment: Moment) -> WindowCounters:
    """Counters at that moment."""
    return WindowCounters(clock=moment)


def hits(counters: WindowCounters, who: str, times: int) -> int:
    """How many of so many tries in a row were let through."""
    limiter = SlidingWindowCounterRateLimiter(counters)
    return sum(limiter.hit(TEN, who) for _ in range(times))


def test_so_many_are_let_through_and_no_more(counters: WindowCounters) -> None:
    assert hits(counters, "amara", 25) == 10
    assert hits(counters, "bo", 3) == 3


def test_a_window_that_is_over_weighs_less_and_less(counters: WindowCounters, moment: Moment) -> None:
    hits(counters, "amara", 10)
    moment.now += 60
    assert hits(counters, "amara", 1) == 0
    moment.now += 30
    assert hits(counters, "amara", 10) == 5
    moment.now += 120
    assert hits(counters, "amara", 25) == 10


@requirement("OPS-05")
def test_of_many_at_once_no_more_are_let_through(counters: WindowCounters) -> None:
    with ThreadPoolExecutor(32) as pool:
        let_through = sum(pool.map(lambda _: hits(counters, "amara", 8), range(32)))
    assert let_through == 10


def test_what_is_over_is_forgotten(counters: WindowCounters, moment: Moment) -> None:
    for number in range(1000):
        hits(counters, f"visitor {number}", 1)
    moment.now += 2 * 60 + SWEEP_SECONDS
    hits(counters, "amara", 1)
    assert counters.reset() == 1


def test_it_tells_the_same_as_the_library(counters: WindowCounters, moment: Moment) -> None:
    limiter = SlidingWindowCounterRateLimiter(counters)
    assert limiter.get_window_stats(TEN, "amara").remaining == 10
    hits(counters, "amara", 4)
    assert limiter.get_window_stats(TEN, "amara").remaining == 6
    assert limiter.test(TEN, "amara", cost=6)
    assert not limiter.test(TEN, "amara", cost=7)
    limiter.clear(TEN, "amara")
    assert hits(counters, "amara", 11) == 10


def test_the_settings_word_for_memory_means_these(hall: Callable[..., Flask]) -> None:
    assert isinstance(storage_from_string(hall().config["RATELIMIT_STORAGE_URI"]), WindowCounters)
