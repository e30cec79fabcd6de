"""Waiting for another process or thread, with an end to it."""

import time
from collections.abc import Callable


def until(happened: Callable[[], object], what: str, *, seconds: float = 20) -> None:
    """Look again and again until it happened; fails with `what` when the time is over."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what}: not within {seconds} seconds"
        time.sleep(0.02)
