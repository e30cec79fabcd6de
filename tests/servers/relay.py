"""A real mail server on loopback, which misbehaves when told to."""

import asyncio
import email.policy
import ssl
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ports import free_port
from tests.servers.waiting import until

DROP = "drop"  # the line breaks, and the letter is lost
KEEP_AND_DROP = "keep and drop"  # the letter was taken, but the line breaks before the 250
HANG = "hang"  # no answer at all
STEPS = ("MAIL", "RCPT", "DATA")


@dataclass(frozen=True)
class Received:
    """A letter as it came: envelope and bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        parsed = BytesParser(policy=email.policy.default).parsebytes(self.content)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def plain(self) -> str:
        """Its plain text."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@dataclass
class Relay:
    """Takes letters and answers as scripted; its port stays the same over `close()` and `open()`."""

    smtputf8: bool = True
    pipelining: bool = False  # aiosmtpd reads line by line, so it may be said
    tls: ssl.SSLContext | None = None
    port: int = field(default_factory=free_port)
    letters: list[Received] = field(default_factory=list)
    script: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    _controller: Controller | None = None

    def open(self) -> None:
        """Listen."""
        options = {"enable_SMTPUTF8": self.smtputf8, "tls_context": self.tls, "require_starttls": self.tls is not None}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    def close(self) -> None:
        """Refuse every connection from now on."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def misbehave(self, step: str, *answers: str, times: int = 1) -> None:
        """At the next visits of a step (MAIL, RCPT, DATA) answer so: a reply line, DROP, KEEP_AND_DROP or HANG."""
        assert step in STEPS, step
        self.script[step].extend(answers * times)

    def wait_for(self, count: int, *, seconds: float = 20) -> list[Received]:
        """The letters, once there are so many."""
        until(lambda: len(self.letters) >= count, f"{count} letters at the relay", seconds=seconds)
        return self.letters

    def to(self, address: str) -> list[Received]:
        """The letters to one address, oldest first."""
        return [letter for letter in self.letters if address in letter.recipients]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """aiosmtpd asks what else we offer."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd asks whether this sender may send."""
        if answer := await self._scripted("MAIL", server):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd asks whether this recipient lives here."""
        if answer := await self._scripted("RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd hands the letter over."""
        keep = self.script["DATA"] and self.script["DATA"][0] == KEEP_AND_DROP
        answer = None if keep else await self._scripted("DATA", server)
        if answer:
            return answer
        assert isinstance(envelope.content, bytes)
        self.letters.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content))
        return await self._scripted("DATA", server) or "250 2.0.0 taken"

    async def _scripted(self, step: str, server: SMTP) -> str | None:
        answer = self.script[step].popleft() if self.script[step] else None
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer in (DROP, KEEP_AND_DROP):
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        return answer


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay that is listening."""
    server = Relay()
    server.open()
    yield server
    server.close()
