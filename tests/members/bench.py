"""The members' bench: people of the staff who have moved in, with or without a passkey."""

from dataclasses import dataclass
from datetime import datetime

from portal.database import Database
from portal.members import challenges, member, passkeys, sessions
from portal.members.member import Member, Newcomer
from portal.members.passkeys import Passkey, Place
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.members.authenticator import Authenticator

ORIGIN = "https://console.stagelight.example"
PLACE = Place(ORIGIN)
NETWORK = "203.0.113.0/24"


@dataclass
class Staff:
    """The people, over one database at one moment."""

    database: Database
    keys: KeyRing

    def hire(self, name: str, *roles: Role, now: datetime) -> Member:
        """Somebody new, without a passkey."""
        newcomer = Newcomer(name, f"{name}@stagelight.example", frozenset(roles))
        with self.database.write() as session:
            return member.add(session, self.keys, newcomer, now=now)

    def challenge(self, now: datetime) -> str:
        """A fresh one."""
        with self.database.write() as session:
            return challenges.give(session, now=now)

    def equip(self, person: Member, device: Authenticator, *, now: datetime) -> Passkey:
        """Let the person register the device's passkey."""
        told = device.make(self.challenge(now))
        device.user = person.id.bytes
        with self.database.write() as session:
            return passkeys.register(session, PLACE, person, told, "key of " + person.name, now=now)

    def enter(self, person: Member, *, now: datetime, how: str = sessions.PASSKEY) -> str:
        """Open a session as a sign-in would; returns the cookie."""
        with self.database.write() as session:
            return sessions.open_session(session, self.keys, person, NETWORK, how, now=now)

    def present(self, cookie: str, *, now: datetime) -> Member | None:
        """Who is signed in by this cookie."""
        with self.database.read() as session:
            found = sessions.find(session, self.keys, cookie, now=now)
        return found.member if found else None
