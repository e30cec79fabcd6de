"""Load: people who ask for letters one after the other, and note what they were told and how long it took."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from time import monotonic

from sqlalchemy import select

from portal.database import Database
from portal.identity.links import COOKIE, LinkRequest
from portal.sealing import KeyRing
from tests.luck.wire import Line, Told, get, post
from tests.servers.waiting import until

ACCEPTED, AWAY = 303, 503
PEOPLE = 12


@dataclass
class Load:
    """Everything that was answered so far: each answer and its seconds; the cookies are those of accepted requests."""

    port: int
    accepted: list[str] = field(default_factory=list)
    refused: list[Told] = field(default_factory=list)
    information: list[Told] = field(default_factory=list)
    longest: float = 0.0
    broken: int = 0
    numbers: Iterator[int] = field(default_factory=count)

    def more(self, kind: str, number: int = 25) -> None:
        """Wait until so many more answers of a kind came: accepted, refused or information."""
        had = len(getattr(self, kind))
        until(lambda: len(getattr(self, kind)) >= had + number, f"{number} more {kind}", seconds=40)

    def person(self, stop: Event) -> None:
        """Ask again and again, and open an information page in between."""
        while not stop.is_set():
            try:
                with Line(self.port) as line:
                    while not stop.is_set():
                        self._ask(line)
            except OSError:
                self.broken += 1  # the process was killed with this request in its hand
                stop.wait(0.05)

    def _ask(self, line: Line) -> None:
        form = post(self.port, "/start", {"email": f"person{next(self.numbers)}@mail.example"})
        told = self._timed(line, form)
        if told.status == ACCEPTED:
            self.accepted.append(told.first("Set-Cookie").partition(";")[0].removeprefix("rq="))
        else:
            self.refused.append(told)
        self.information.append(self._timed(line, get(self.port, "/faq")))

    def _timed(self, line: Line, request: bytes) -> Told:
        began = monotonic()
        line.send(request)
        told = line.answer()
        self.longest = max(self.longest, monotonic() - began)
        return told

    def is_honest(self, database: Database, keys: KeyRing) -> None:
        """Every accepted request has its row, whoever was refused was told when to come again, and pages stayed up."""
        wanted = {keys.mac(COOKIE, cookie) for cookie in self.accepted}
        with database.read() as session:
            held = set(session.scalars(select(LinkRequest.cookie_digest)))
        assert len(wanted) == len(self.accepted)
        assert wanted - held == set()
        assert {(told.status, told.first("Retry-After")) for told in self.refused} <= {(AWAY, "60")}
        assert all("may not have been saved" in told.text for told in self.refused)
        assert {told.status for told in self.information} == {200}


@contextmanager
def under_load(port: int) -> Iterator[Load]:
    """A portal that people keep asking."""
    load, stop = Load(port), Event()
    threads = [Thread(target=load.person, args=(stop,)) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()
