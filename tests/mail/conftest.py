"""A post office: the portal's own worker, a step at a time, and a real relay."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from portal import jobs
from portal.database import Database
from portal.identity.links import LinkRequest
from portal.mail.outbox import Letter
from portal.mail.postboxes import Unavailable
from portal.mail.postboxes.smtp import SmtpPostbox
from portal.sealing import KeyRing
from portal.work import Job
from tests import cast
from tests.letters import at_relay
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.servers.relay import Relay
from tests.visitor import InProcess, Visitor

SENT, AWAY, NOTHING = "sent or settled", "relay away", "nothing due"
TIMEOUT = 0.5


@dataclass
class PostOffice:
    """Somebody asks, and the worker does only what it is told."""

    app: Flask
    database: Database
    clock: StillClock
    tasks: dict[str, Job]
    postboxes: list[SmtpPostbox]
    visitor: Visitor

    def ask(self, address: str) -> None:
        """Ask for a letter, and let it be written."""
        assert self.visitor.ask(address).status == 303
        while self.tasks["answer"].step():
            pass

    def send(self) -> str:
        """Take one letter and try to send it."""
        try:
            return SENT if self.tasks["send"].step() else NOTHING
        except Unavailable:
            return AWAY

    def work(self) -> None:
        """Do what is to be done by now."""
        for _ in range(200):
            more = self.tasks["answer"].step()
            if self.send() == NOTHING and not more:
                return

    def letters(self) -> list[Letter]:
        """Every letter as it stands now, oldest first."""
        with self.database.read() as session:
            return list(session.scalars(select(Letter).order_by(Letter.id)))

    def letter(self) -> Letter:
        """The only letter there is."""
        (letter,) = self.letters()
        return letter

    def request(self) -> LinkRequest:
        """The only request there is."""
        with self.database.read() as session:
            return session.scalars(select(LinkRequest)).one()


Open = Callable[..., PostOffice]


@pytest.fixture
def open_office(
    make_portal: MakePortal, database: Database, keys: KeyRing, relay: Relay, clock: StillClock
) -> Iterator[Open]:
    """A maker of post offices for the cast; settings can be said otherwise."""
    opened: list[PostOffice] = []

    def make(*people: cast.Person, **said: object) -> PostOffice:
        cast.settle(database, keys, *people)
        usual = {"postbox": "smtp", "smtp_host": "127.0.0.1", "smtp_port": relay.port}
        usual |= {"smtp_security": "none", "smtp_timeout": TIMEOUT}
        app = make_portal(**{**usual, **said})
        held = app.extensions["portal"]
        postboxes = [SmtpPostbox(held.settings) for _ in range(held.settings.smtp_lines)]
        tasks = {job.name: job for job in jobs.jobs(held, app.extensions["incident"], *postboxes)}
        visitor = Visitor(InProcess(app.test_client()), at_relay(relay))
        office = PostOffice(app, database, clock, tasks, postboxes, visitor)
        visitor.work = office.work
        opened.append(office)
        return office

    yield make
    for office in opened:
        for line in filter(None, (postbox.line for postbox in office.postboxes)):
            line.close()


@pytest.fixture
def office(open_office: Open) -> PostOffice:
    """The post office of the cast."""
    return open_office()
