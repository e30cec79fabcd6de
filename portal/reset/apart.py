"""Apart: short work that processes beside this one do at once for whoever waits, and of which nothing stays behind."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import Empty, LifoQueue
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")
SPAWNING = get_context("spawn")  # a fork of many threads would find their locks taken


class Unfinished(Exception):
    """The work took too long, or its process ended; whatever it would have answered is lost."""


class Apart:
    """At most so many processes, started by whoever needs the first, the second, …; they end with this one.

    A pool of the standard library would keep what it sent last, until it sends something else.
    """

    def __init__(self, processes: int, niceness: int) -> None:
        self._niceness = niceness
        self._lines: LifoQueue[Connection | None] = LifoQueue()  # None: not started yet, or no more
        for _ in range(processes):
            self._lines.put(None)

    def ask(self, work: Callable[[], T], *, seconds: float) -> T:
        """What this work, which can be pickled, makes; raises Unfinished."""
        until = monotonic() + seconds
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            raise Unfinished from None
        kept = None
        try:
            line = line or self._start()
            line.send(work)
            if not line.poll(max(0.0, until - monotonic())):
                raise Unfinished
            answer: T = line.recv()
            kept = line
        except (EOFError, OSError):
            raise Unfinished from None
        finally:
            self._lines.put(kept)  # one that still works on something else hears that nobody listens, and leaves
        return answer

    def _start(self) -> Connection:
        ours, theirs = SPAWNING.Pipe()
        SPAWNING.Process(target=_serve, args=(theirs, self._niceness), daemon=True).start()
        theirs.close()
        return ours


def _serve(line: Connection, niceness: int) -> None:
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the one that started us
    with suppress(EOFError, OSError):
        while True:
            line.send(_done(line.recv()))


def _done(work: Callable[[], Any]) -> Any:
    return work()
