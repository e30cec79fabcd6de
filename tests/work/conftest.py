"""Many workers, quickly born and killed, and a relay that can kill them at the worst moment."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from portal import clock
from portal.database import Database
from portal.identity import links
from portal.identity.links import LinkRequest
from portal.mail import outbox
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from portal.tokens import fresh_token
from tests import cast
from tests.servers.nursery import at_work
from tests.servers.processes import Install
from tests.servers.relay import Received, Relay
from tests.servers.waiting import until
from tests.work.nursery import serve

AT_SENDER, AT_RECIPIENT, BEFORE_TAKING, AFTER_TAKING = "MAIL", "RCPT", "before DATA is taken", "after DATA is taken"

NAME = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE)


@dataclass
class DeadlyRelay(Relay):
    """A relay that strikes once at a moment of its conversation, before it answers."""

    moment: str = ""
    strike: Callable[[], object] = lambda: None

    async def handle_MAIL(self, *said: object) -> str:  # type: ignore[override]  # noqa: N802
        """aiosmtpd asks whether this sender may send."""
        self._pass(AT_SENDER)
        return await super().handle_MAIL(*said)  # type: ignore[arg-type]

    async def handle_RCPT(self, *said: object) -> str:  # type: ignore[override]  # noqa: N802
        """aiosmtpd asks whether this recipient lives here."""
        self._pass(AT_RECIPIENT)
        return await super().handle_RCPT(*said)  # type: ignore[arg-type]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd hands the letter over."""
        if self._pass(BEFORE_TAKING):
            return "451 4.3.0 lost with the line"
        answer = await super().handle_DATA(server, session, envelope)
        self._pass(AFTER_TAKING)
        return answer

    def _pass(self, moment: str) -> bool:
        if self.moment != moment:
            return False
        self.moment = ""
        self.strike()
        return True


@pytest.fixture
def relay() -> Iterator[DeadlyRelay]:
    """A deadly relay that is listening."""
    server = DeadlyRelay()
    server.open()
    yield server
    server.close()


@dataclass
class Nursery:
    """Workers by their process number."""

    line: Connection
    alive: list[int] = field(default_factory=list)

    def worker(self, ahead: float = 0) -> int:
        """Start a worker whose clock is so many seconds ahead."""
        self.line.send(ahead)
        self.alive.append(self.line.recv())
        return self.alive[-1]

    def end(self, worker: int, how: signal.Signals = signal.SIGKILL) -> None:
        """End a worker, and wait until it is gone."""
        if is_there(worker):
            os.kill(worker, how)
        until(lambda: not is_there(worker), "the end of a worker")
        self.alive.remove(worker)


def is_there(process: int) -> bool:
    """Whether this process lives."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def nursery(install: Install, request: pytest.FixtureRequest) -> Iterator[Nursery]:
    """A nursery over this test's database and relay; its workers have as many lines as is said."""
    installation = install(smtp_timeout=2, log_level="WARNING", smtp_lines=getattr(request, "param", 1))
    held = Nursery(at_work(serve, installation.environment, str(installation.instance / "nursery.log")))
    yield held
    for worker in list(held.alive):
        held.end(worker)
    held.line.close()


@dataclass
class Queue:
    """Requests of many customers, and what became of them."""

    database: Database
    keys: KeyRing

    def fill(self, count: int) -> None:
        """Let so many customers ask."""
        people = [cast.Person(f"customer{number:03}", (cast.Account(),)) for number in range(count)]
        cast.settle(self.database, self.keys, *people)
        said = {"origin": "http://localhost", "locale": "en", "browser": "", "host": "h", "network": "n"}
        with self.database.write() as session:
            for person in people:
                asked = links.new_request(
                    self.keys, address=person.address, cookie=fresh_token(), now=clock.now(), **said
                )
                session.add(asked)

    def is_done(self) -> bool:
        """Whether every request was answered and every letter has its end."""
        waiting = select(LinkRequest.id).where(LinkRequest.answered_at.is_(None))
        moving = select(Letter.id).where(Letter.state.in_(outbox.OPEN))
        with self.database.read() as session:
            return session.scalar(waiting.limit(1)) is None and session.scalar(moving.limit(1)) is None

    def letters(self) -> dict[str, Letter]:
        """The letters by their Message-ID."""
        with self.database.read() as session:
            return {letter.message_id: letter for letter in session.scalars(select(Letter))}


@pytest.fixture
def queue(database: Database, keys: KeyRing) -> Queue:
    """The queue of this test's database."""
    return Queue(database, keys)


def by_name(received: list[Received]) -> dict[str, list[Received]]:
    """What a relay took, by Message-ID."""
    found: dict[str, list[Received]] = {}
    for letter in received:
        name = NAME.search(letter.content)
        assert name
        found.setdefault(name.group(1).decode(), []).append(letter)
    return found
