"""Asking: a customer who asks and looks all the time, and how long the slowest answer and the longest lock took."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Self
from urllib.parse import urlencode

from sqlalchemy import text

from portal.database import Database
from tests.bench import wire
from tests.bench.numbers import percentile

EVERY = 0.05
LOCKS = text("SELECT max(extract(epoch FROM clock_timestamp() - waitstart)) FROM pg_locks WHERE NOT granted")
NUMBERS = count()


@dataclass
class Asking:
    """Asks for letters, and looks at a page with a visit, until told to stop."""

    port: int
    database: Database
    cookies: list[str]
    answers: list[float] = field(default_factory=list)
    locks: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    threads: list[Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        watched = [self._ask] if self.database.is_sqlite else [self._ask, self._watch]
        self.threads = [Thread(target=act) for act in watched]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    @property
    def slowest(self) -> float:
        """Milliseconds of the slowest answer."""
        return max(self.answers) * 1000

    @property
    def high(self) -> float:
        """Milliseconds within which 99 of 100 answers came."""
        return percentile(self.answers, 0.99) * 1000

    @property
    def longest(self) -> float:
        """Milliseconds of the longest wait for a lock that was seen."""
        return max(self.locks, default=0) * 1000

    def _ask(self) -> None:
        line = wire.Line(self.port)
        while not self.over.is_set():
            number = next(NUMBERS)
            form = urlencode({"email": f"asking{number}@mail.example"}).encode()
            looks = wire.get("/status", self.port, self.cookies[number % len(self.cookies)])
            for request, wanted in ((wire.post("/start", self.port, form), 303), (looks, 200)):
                answer = line.ask(request)
                self.answers.append(answer.seconds)
                if answer.status != wanted:
                    self.faults.append(f"{answer.status} after {answer.seconds:.2f} s")
            time.sleep(EVERY)
        line.close()

    def _watch(self) -> None:
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not self.over.is_set():
                with suppress(TypeError):
                    self.locks.append(float(connection.scalar(LOCKS)))  # type: ignore[arg-type]
                time.sleep(EVERY / 5)
