"""A crew: processes beside this one that do the pieces of a long work, none where the work is small."""

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

MOST = 2  # more would only wait for the database, and each takes memory
MEEK = 5  # pages, and whoever writes what was done, come first
AHEAD = 2  # pieces for each that are done or waiting, so that memory does not grow with the work
# Below so many bytes a process is not yet awake when the work is done.
SMALL = 4_000_000

T = TypeVar("T")
R = TypeVar("R")

_held: list[Callable[[Any], Any]] = []


def size_for(amount: int) -> int:
    """How many processes a work of so many bytes is worth; 0 means that we do it ourselves."""
    return 0 if amount < SMALL else min(len(os.sched_getaffinity(0)), MOST)


def worked(act: Callable[[T], R], pieces: Iterable[T], processes: int) -> Iterator[R]:
    """What `act` makes of each piece, in their order; it reaches the processes through a pipe, keys and all."""
    if not processes:
        yield from map(act, pieces)
        return
    # One process learns what a piece of work needs, once, and shares its memory with all that it forks.
    nursery = get_context("forkserver")
    nursery.set_forkserver_preload([type(act).__module__, "flask.cli"])
    crew = ProcessPoolExecutor(processes, nursery, _begin, (act,))
    waiting: deque[Future[R]] = deque()
    try:
        for piece in pieces:
            waiting.append(crew.submit(_do, piece))
            if len(waiting) > processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        crew.shutdown(cancel_futures=True)


def _begin(act: Callable[[Any], Any]) -> None:
    os.nice(MEEK)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever called us hears of it, and lets us go
    Thread(target=_end_with_the_caller, daemon=True).start()
    _held.append(act)
    gc.freeze()  # what was learnt stays, and need not be looked at again and again


def _end_with_the_caller() -> None:
    # A caller that was killed tells nobody, and its pipe stays open as long as one of us holds it.
    if caller := parent_process():
        caller.join()
        os._exit(1)


def _do(piece: Any) -> Any:
    return _held[0](piece)
