"""The console's bench: members at browsers of their own, each with a passkey of software."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from portal.database import Database
from portal.members import member
from portal.members.member import Member
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.letters import Mailbag
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN, Staff
from tests.servers.ground import StillClock
from tests.visitor import Answer, Fields, InProcess, Visitor, token_on

HOST = "203.0.113.7"


@dataclass
class AtConsole(InProcess):
    """A browser that asks the console's host."""

    def ask(self, method: str, path: str, fields: Fields | None, headers: Mapping[str, str]) -> Answer:
        """One request, without a socket."""
        said: dict[str, Any] = {"method": method, "headers": dict(headers), "base_url": ORIGIN}
        if fields is not None:
            said["data"] = fields
        with self.client.open(path, **said) as got:
            return Answer(
                got.status_code, got.headers, got.headers.getlist("Set-Cookie"), got.get_data().decode(errors="replace")
            )


@dataclass
class Colleague(Visitor):
    """A member at a browser, with a device."""

    person: Member | None = None
    device: Authenticator | None = None

    def challenge(self) -> str:
        """What the page's script fetches."""
        told = self.post("/staff/challenge", {})
        assert told.status == 200, told.text
        return told.text.split('"')[3]

    def shown(self) -> str:
        """What the device says to a fresh challenge."""
        assert self.device
        return self.device.show(self.challenge())

    def sign_in(self) -> Answer:
        """Show the passkey at the door."""
        return self.post("/staff/enter", {"credential": self.shown()})

    def do(self, path: str, *, page: str = "/staff", fresh: bool = False, **fields: str | list[str]) -> Answer:
        """An act, with the token of a page and, where asked for, the passkey."""
        proof = {"credential": self.shown()} if fresh else {}
        return self.post(path, {"csrf_token": token_on(self.get(page)), **proof, **fields})


@dataclass
class Office:
    """Where members are hired and sit down."""

    app: Flask
    database: Database
    keys: KeyRing
    clock: StillClock
    mailbag: Mailbag
    work: Any

    def browser(self, host: str = HOST) -> Colleague:
        """A browser that nobody used before."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = host
        return Colleague(AtConsole(client), self.mailbag, self.work)

    def hire(self, name: str, *roles: Role, host: str = HOST) -> Colleague:
        """A member with a passkey, not signed in yet."""
        staff, colleague = Staff(self.database, self.keys), self.browser(host)
        colleague.person = staff.hire(name, *roles, now=self.clock())
        colleague.device = Authenticator()
        staff.equip(colleague.person, colleague.device, now=self.clock())
        return colleague

    def seat(self, name: str, *roles: Role) -> Colleague:
        """A member who is signed in."""
        colleague = self.hire(name, *roles)
        assert colleague.sign_in().status == 303
        return colleague

    def narrow(self, person: Member, *brands: str) -> None:
        """Let a member work for these brands only."""
        with self.database.write() as session:
            session.get_one(member.Member, person.id).brands = ",".join(brands)

    def named(self, person: Member) -> Member:
        """The member as the database has it now."""
        with self.database.read() as session:
            return session.get_one(member.Member, person.id)
