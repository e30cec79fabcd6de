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


class Line:
    """To one process, which works on one thing after another and answers each."""

    def __init__(self, niceness: int) -> None:
        self._end, theirs = SPAWNING.Pipe()
        SPAWNING.Process(target=_serve, args=(theirs, niceness), daemon=True).start()
        theirs.close()
        self._owed = False  # somebody left before the answer came

    def ask(self, work: Callable[[], Any], until: float) -> Any:
        """What the work makes; raises Unfinished, and EOFError or OSError where the process has ended."""
        if self._owed:
            self._answer(until)
        self._end.send(work)
        self._owed = True
        return self._answer(until)

    def _answer(self, until: float) -> Any:
        if not self._end.poll(max(0.0, until - monotonic())):
            raise Unfinished
        answer, self._owed = self._end.recv(), False
        return answer


class Apart:
    """At most so many processes, started by whoever needs the first, the second, …; they end with this one.

    A pool of the standard library would keep what it sent last, until it sends something else. One that is slow, or
    slow to start, is not replaced: on a machine that has too much to do, each new one would make all of them slower.
    """

    def __init__(self, processes: int, niceness: int) -> None:
        self._niceness = niceness
        self._lines: LifoQueue[Line | None] = LifoQueue()  # None: not started yet, or no more
        for _ in range(processes):
            self._lines.put(None)

    def ask(self, work: Callable[[], T], *, seconds: float) -> T:
        """What this work, which can be pickled, makes; raises Unfinished."""
        until = monotonic() + seconds
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            raise Unfinished from None
        try:
            line = line or Line(self._niceness)
            answer: T = line.ask(work, until)
        except (EOFError, OSError):
            line = None
            raise Unfinished from None
        finally:
            self._lines.put(line)
        return answer


def _serve(line: Connection, niceness: int) -> None:
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the one that started us
    with suppress(EOFError, OSError):
        while True:
            line.send(_done(line.recv()))


def _done(work: Callable[[], Any]) -> Any:
    return work()
