"""A desk in a real browser: the console over TLS on a host name of its own, and a device made by Chromium itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from portal.database import Database
from portal.sealing import KeyRing
from tests.letters import at_relay
from tests.servers.certificates import Certificates
from tests.servers.databases import url_of
from tests.servers.processes import Installation, prepare
from tests.servers.relay import Relay
from tests.servers.waiting import until

# A device as telephones and laptops have it: it keeps the passkey, and checks its person.
DEVICE: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Desk:
    """Where the staff of one installation work."""

    installation: Installation
    relay: Relay
    database: Database

    @property
    def origin(self) -> str:
        """Where the console is."""
        return self.installation.environment["PORTAL_CONSOLE_ORIGIN"]

    def at(self, path: str) -> str:
        """The address of a page."""
        return self.origin + path

    def invite(self, name: str, *roles: str, codes: bool = False) -> str:
        """Invite by the command line; returns the link of the letter."""
        said = [word for role in roles for word in ("--role", role)] + ["--codes"] * codes
        told = self.installation.flask("members", "invite", name, f"{name}@stagelight.example", *said)
        assert told.returncode == 0, told.stderr
        return self.link(name)

    def link(self, name: str, letters: int = 1) -> str:
        """The link of the newest invitation to this person, once so many letters came."""
        mailbag, address = at_relay(self.relay), f"{name}@stagelight.example"
        until(lambda: len(mailbag(address)) >= letters, "the invitation's letter")
        return next(word for word in mailbag(address)[-1].plain.split() if "/staff/join" in word)


def opened(
    folder: Path, database: Database, keys: KeyRing, relay: Relay, certificates: Certificates, **said: object
) -> Iterator[Desk]:
    """The portal at 127.0.0.1 and its console at localhost, over TLS, in production unless said otherwise."""
    settings = {"environment": "production", **said}
    installation = prepare(folder / "desk", url_of(database), keys, relay, certificates, **settings)  # type: ignore[arg-type]
    port = installation.port
    installation.environment["PORTAL_ORIGIN"] = f"https://127.0.0.1:{port}"
    installation.environment["PORTAL_CONSOLE_ORIGIN"] = f"https://localhost:{port}"
    installation.web(threads=8)
    installation.worker()
    yield Desk(installation, relay, database)
    installation.stop()


def give_device(page: Page) -> CDPSession:
    """Let this page's browser have a device that knows its person."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return line
