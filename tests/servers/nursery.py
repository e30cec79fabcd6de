"""A nursery: it learns the portal once, and forks its processes in a tenth of the time of a cold start."""

import multiprocessing
import os
import random
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from portal import clock
from portal.config import ROOT

AHEAD = "TEST_SECONDS_AHEAD"  # how far the clock of a child is ahead of everybody else's
LEARNT = ["portal.rooms", "portal.patience", "portal.web.listening", "portal.dev.workshop"]
LEARNT += ["gunicorn.app.wsgiapp", "redis", "tests.servers.learning"]

_nursery = multiprocessing.get_context("forkserver")


class Child(Protocol):
    """A process that was started; it leads a group of its own."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """How it ended, as -9 where it was killed; None while it lives."""

    def wait(self, timeout: float) -> int:
        """Wait for its end, and say how; fails where it does not come."""

    def send_signal(self, how: signal.Signals) -> None:
        """Tell it something."""


@dataclass
class Forked:
    """A process of the nursery, with the face of a Popen."""

    process: BaseProcess

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.process.pid
        return self.process.pid

    def poll(self) -> int | None:
        """How it ended; None while it lives."""
        return self.process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for its end, and say how."""
        self.process.join(timeout)
        assert self.process.exitcode is not None, f"no end within {timeout} seconds"
        return self.process.exitcode

    def send_signal(self, how: signal.Signals) -> None:
        """Tell it something."""
        if self.poll() is None:
            os.kill(self.pid, how)


def forked(program: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> Child:
    """Run a Python program from the nursery."""
    out.touch()
    err.touch()
    words = (list(program), dict(environment), str(out), str(err))
    return Forked(_born(_become, words))


def at_work(act: Callable[..., None], *words: object) -> Connection:
    """Run a function in a process of the nursery; it gets the other end of this line, and the words."""
    ours, theirs = _nursery.Pipe()
    _born(act, (theirs, *words))
    theirs.close()
    return ours


def _born(act: Callable[..., None], words: Sequence[object]) -> BaseProcess:
    _nursery.set_forkserver_preload(LEARNT)  # each time, for a crew says what it would have learnt
    process = _nursery.Process(target=act, args=words, daemon=True)
    process.start()
    return process


def cold(program: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> Child:
    """Run a program as anybody would start it; what it frees is scrubbed only there, by its allocator."""
    with out.open("ab") as said, err.open("ab") as told:
        return subprocess.Popen(
            list(program), env=dict(environment), cwd=ROOT, stdout=said, stderr=told, start_new_session=True
        )


def _become(program: list[str], environment: dict[str, str], out: str, err: str) -> None:
    os.setsid()
    os.chdir(ROOT)
    _set_ahead(timedelta(seconds=float(environment.pop(AHEAD, 0))))
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    random.seed()
    sys.argv = program
    multiprocessing.current_process().daemon = False  # it may have children, like a program that nobody forked
    runpy.run_path(program[0], run_name="__main__")


def _set_ahead(spell: timedelta) -> None:
    class Ahead(datetime):
        """The time as it will be."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """The present moment of this child, as a plain one."""
            return datetime.now(tz) + spell

    if spell:
        vars(clock)["datetime"] = Ahead
