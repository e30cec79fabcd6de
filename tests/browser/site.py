"""A site that stands for a whole run: web and worker over one engine, and more customers than the tests use up."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from portal.database import Database
from portal.sealing import KeyRing
from tests.browser.wire import Tap
from tests.cast import AMARA, BO, EMRE, Account, Person, settle
from tests.enrolment.bench import some_codes, stock_up
from tests.enrolment.race import FAR, lasting_incident
from tests.letters import Letter, at_relay
from tests.reset.bench import give_passwords
from tests.servers.certificates import Certificates
from tests.servers.databases import url_of
from tests.servers.processes import Installation, prepare
from tests.servers.relay import Relay
from tests.servers.waiting import until

# Somebody with two accounts of which we know too little.
WAITING = Person("waiting", (Account(result="UNKNOWN"), Account(brand="ticketlane", result="UNDER_REVIEW")))
ALIKE = 50  # limits count by mailbox and by the hour, so that every test needs a person of its own


@dataclass
class Site:
    """An installation that serves, and the people who have an account there."""

    installation: Installation
    relay: Relay
    database: Database
    tap: Tap
    called: dict[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, database: Database, certificates: Certificates | None) -> "Site":
        """Open for business: over TLS with production settings, or plainly with a tap on the wire."""
        keys, tap, relay = KeyRing.fresh(), Tap(), Relay()
        relay.open()
        people = [_alike(person, n) for person in (AMARA, BO, EMRE, WAITING) for n in range(ALIKE)]
        settle(database, keys, *people)
        give_passwords(database, keys, *people)
        stock_up(database, keys, some_codes(len(people)), expires=date.fromisoformat(FAR))
        said: dict[str, object] = {"incident": lasting_incident(folder.with_name(f"{folder.name}-words"))}
        said |= {"environment": "production"} if certificates else {"origin": tap.origin}
        installation = prepare(folder, url_of(database), keys, relay, certificates, trusted_proxies=1, **said)
        tap.open(installation.port)
        installation.web(threads=8)
        installation.worker()
        return cls(installation, relay, database, tap)

    def at(self, path: str) -> str:
        """The address of a page."""
        return self.installation.origin + path

    def someone_like(self, person: Person) -> str:
        """The address of a customer who shares this person's lot, and whom no other test knows."""
        self.called[person.name] = number = self.called.get(person.name, -1) + 1
        return _alike(person, number).address

    def letter(self, address: str) -> Letter:
        """The newest letter to this address, once there is one."""
        mailbag = at_relay(self.relay)
        until(lambda: mailbag(address), f"a letter in the mailbox: {self.log()[-2000:]}")
        return mailbag(address)[-1]

    def log(self) -> str:
        """What web and worker said."""
        return "".join(process.log() for process in self.installation.processes)

    def close(self) -> None:
        """Stop serving."""
        self.installation.stop()
        self.tap.close()
        self.relay.close()
        self.database.close()


def _alike(person: Person, number: int) -> Person:
    return replace(person, name=f"{person.name}-{number}")
