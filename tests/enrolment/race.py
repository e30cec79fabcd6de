"""The race: many people before real processes, each on a connection of their own, all pressing at the same moment."""

import http.client
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import copytree
from urllib.parse import urlencode, urlsplit

from sqlalchemy import delete

from portal.database import Database
from portal.enrolment.codes import Code
from portal.enrolment.grants import Grant
from portal.enrolment.pools import Pool
from portal.identity import links, visits
from portal.identity.customers import ADDRESS_INDEX
from portal.sealing import KeyRing
from tests.cast import Person
from tests.servers.ground import EXAMPLE
from tests.visitor import Answer, token_on

FAR = "2099-12-31"
HOSTS = count()  # each guest comes from a host of their own, whose requests are limited
SECONDS = 30
TRIES = 3  # a busy machine may keep one of 64 writers waiting too long for SQLite
OURS = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


def lasting_incident(folder: Path) -> Path:
    """The example with an offer that is open today, since real processes have a real clock."""
    path = Path(copytree(EXAMPLE.parent, folder / "incident")) / "incident.toml"
    path.write_text(path.read_text().replace("deadline = 2018-12-31", f"deadline = {FAR}"))
    return path


@dataclass
class Guest:
    """Somebody with an open visit, at a host of their own, before one of the processes."""

    person: Person
    origin: str
    host: str
    cookie: str
    token: str = ""

    def send(self, method: str, path: str, gate: threading.Barrier | None = None, **fields: str) -> Answer:
        """One request on a new connection; with a gate, at the same moment as all others."""
        place = urlsplit(self.origin)
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
        headers = {**OURS, "Cookie": f"ps={self.cookie}", "X-Forwarded-For": self.host}
        try:
            line.connect()
            if gate:
                gate.wait(SECONDS)
            line.request(method, path, urlencode(fields), headers)
            got = line.getresponse()
            return Answer(got.status, dict(got.headers), [], got.read().decode())
        finally:
            line.close()

    def press(self, gate: threading.Barrier | None = None) -> Answer:
        """Ask for the code, and again if told to try again; a line that breaks is an answer without a status."""
        try:
            answer = self.send("POST", "/code", gate, csrf_token=self.token)
            for _ in range(TRIES):
                answer = self.send("POST", "/code", csrf_token=self.token) if answer.status == 503 else answer
        except (OSError, http.client.HTTPException):
            return Answer(0, {}, [], "")
        return answer


def let_in(database: Database, keys: KeyRing, people: Sequence[Person], origins: Sequence[str]) -> list[Guest]:
    """Open a visit for each of them, and read the page with the button."""
    guests = []
    with database.write() as session:
        for number, person in zip(HOSTS, people, strict=False):
            request = links.new_request(
                keys, address=person.address, cookie="x", origin=origins[0], locale="en",
                browser="", host="h", network="n", now=now(),
            )  # fmt: skip
            request.state, request.consumed_at = links.CONSUMED, now()
            request.email_index = keys.mac(ADDRESS_INDEX, person.address)
            session.add(request)
            session.flush()
            cookie = visits.open_visit(session, keys, request, "cookie+link", now=now() - timedelta(seconds=1))
            host = f"10.{number >> 8}.{number & 255}.1"
            guests.append(Guest(person, origins[number % len(origins)], host, cookie))
    for guest in guests:
        guest.token = token_on(guest.send("GET", "/code"))
    return guests


def press_at_once(guests: Iterable[Guest]) -> list[Answer]:
    """All of them press at the same moment; their answers in their order."""
    pressing = list(guests)
    gate, answers = threading.Barrier(len(pressing)), dict[int, Answer]()

    def press(number: int) -> None:
        answers[number] = pressing[number].press(gate)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(len(pressing))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(pressing))]


def clear(database: Database) -> None:
    """Let nobody have anything, and no pool be left."""
    with database.write() as session:
        for table in (Code, Grant, Pool):
            session.execute(delete(table))


def now() -> datetime:
    """The real time, which the processes live in."""
    return datetime.now(UTC)
