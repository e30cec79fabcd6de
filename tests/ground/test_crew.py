"""A crew: what it makes comes in order, what it knows came by a pipe, and it does not outlive who called it."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import current_process
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from portal.crew import AHEAD, SMALL, size_for, worked
from portal.sealing import KeyRing
from tests.servers.nursery import at_work


@dataclass(frozen=True)
class Telling:
    """Tells of the process that it runs in, whether it knows the keys, and whether anybody could read them there."""

    keys: KeyRing

    def __call__(self, number: int) -> tuple[int, int, bool]:
        """The number, the process, and whether its command line or environment holds the key."""
        if number < 0:
            raise ValueError(number)
        seen = Path("/proc/self/cmdline").read_bytes() + Path("/proc/self/environ").read_bytes()
        key = self.keys.masters[self.keys.current]
        return number, os.getpid(), key in seen or key.hex().encode() in seen


def lonely(line: Connection) -> None:
    """Call a crew, tell who is in it, and wait for a violent end."""
    vars(current_process())["_config"]["daemon"] = False  # the nursery's children may have none of their own
    for _, process, _ in worked(Telling(KeyRing.fresh()), range(10), 1):
        line.send((os.getpid(), process))
        time.sleep(60)


def counted(taken: list[int]) -> Iterator[int]:
    for number in range(40):
        taken.append(number)
        yield number


def test_a_small_work_is_done_by_ourselves() -> None:
    assert size_for(SMALL - 1) == 0
    assert size_for(SMALL) >= 1
    assert {process for _, process, _ in worked(Telling(KeyRing.fresh()), range(3), 0)} == {os.getpid()}


def test_what_others_make_comes_in_order_and_no_faster_than_it_is_taken() -> None:
    taken: list[int] = []
    made = worked(Telling(KeyRing.fresh()), counted(taken), 1)
    first = next(made)
    assert len(taken) == 1 + AHEAD
    told = [first, *made]
    assert [number for number, _, _ in told] == list(range(40))
    assert os.getpid() not in {process for _, process, _ in told}
    assert not any(readable for _, _, readable in told)


def test_what_fails_there_fails_here() -> None:
    with pytest.raises(ValueError, match="-1"):
        list(worked(Telling(KeyRing.fresh()), [1, -1, 2], 1))


def test_a_crew_ends_with_whoever_called_it() -> None:
    line = at_work(lonely)
    caller, process = line.recv()
    os.kill(caller, signal.SIGKILL)
    until = time.monotonic() + 10
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{process}").exists()
