"""The systems behind each store, with one face for the tests: have an account, log in, keep a session."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import pytest

from portal.clock import now
from portal.database import Database
from portal.identity.customers import REFERENCE_INDEX
from portal.reset.hashing import PROFILES, Hasher
from portal.reset.stores.database import Credential, DatabaseStore
from portal.reset.stores.protocol import LONG, AccountKey
from portal.sealing import KeyRing
from tests.reset import cloaks
from tests.reset.bench import LONG_AGO, OLD, OLD_HASH
from tests.reset.cloaks import Cloak
from tests.reset.clouds import Cognito, Scim, Webhook
from tests.servers import slapd
from tests.servers.slapd import BASE, Slapd

BRAND = "stagelight-international"
LONG_AGO_THERE = LONG_AGO.strftime("%Y%m%d%H%M%SZ")
RELAXED = ("1.3.6.1.4.1.4203.666.5.12", True, None)  # lets even a password's age be written


class System(Protocol):
    """What stands behind a store."""

    def settings(self) -> dict[str, Any]:
        """What the portal must be told of it."""

    def open(self, name: str, password: str | None) -> None:
        """Let somebody have an account there, with a password of long ago or with none."""

    def log_in(self, name: str, password: str) -> str | None:
        """Log in there: the token of a session, or None where that is refused."""

    def is_alive(self, token: str) -> bool:
        """Whether the session still is."""


@dataclass
class Own:
    """The portal's own table."""

    database: Database
    keys: KeyRing
    sessions: dict[str, tuple[AccountKey, datetime]] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """Nothing."""
        return {"store": "database", "hashing": "surge"}

    def open(self, name: str, password: str | None) -> None:
        """A row."""
        held = OLD_HASH if password == OLD else password and PROFILES["surge"].hash(password)
        with self.database.write() as session:
            session.add(Credential(account=self._index(name), password_hash=held, changed_at=LONG_AGO))

    def log_in(self, name: str, password: str) -> str | None:
        """By the store itself."""
        store = DatabaseStore(self.database, self.keys, Hasher("surge", processes=1, waiting=4), LONG)
        token, key = secrets.token_hex(), AccountKey(BRAND, name)
        self.sessions[token] = key, now()
        return token if store.log_in(key, password) else None

    def is_alive(self, token: str) -> bool:
        """As the company would look at it."""
        key, since = self.sessions[token]
        with self.database.read() as session:
            ended = session.get_one(Credential, self._index(key.reference)).sessions_from
        return ended is None or since >= ended

    def _index(self, name: str) -> bytes:
        return self.keys.mac(REFERENCE_INDEX, BRAND, name)


@dataclass
class Ldap:
    """A directory."""

    slapd: Slapd

    def settings(self) -> dict[str, Any]:
        """Who the portal is there."""
        said = {"store": "ldap", "store_url": self.slapd.url, "store_place": BASE, "store_user": slapd.PORTAL}
        return {**said, "store_secret": slapd.SECRET, "store_authority": self.slapd.certificates.authority}

    def open(self, name: str, password: str | None) -> None:
        """An entry, whose password is made older than it is."""
        root = self.slapd.as_root()
        root.delete(self._entry(name))
        root.add(self._entry(name), "inetOrgPerson", {"uid": name, "cn": name, "sn": name})
        assert root.result["description"] == "success", root.result
        if password:
            assert root.extend.standard.modify_password(self._entry(name), None, password)
            old = {"pwdReset": [("MODIFY_REPLACE", [])], "pwdChangedTime": [("MODIFY_REPLACE", [LONG_AGO_THERE])]}
            root.modify(self._entry(name), old, controls=[RELAXED])
            assert root.result["description"] == "success", root.result
        root.unbind()

    def log_in(self, name: str, password: str) -> str | None:
        """By a bind that may look at its own entry."""
        mine = self.slapd.line(self._entry(name), password)
        mine.search(self._entry(name), "(objectClass=*)", "BASE")
        held = mine.bound and mine.result["description"] == "success"
        mine.unbind()
        return "bound" if held else None

    def is_alive(self, token: str) -> bool:
        """A directory has no sessions."""
        return False

    def _entry(self, name: str) -> str:
        return f"uid={name},{BASE}"


NAMES = ("database", "ldap", "scim", "webhook", "keycloak", "cognito")
MakeSystem = Callable[[str], System]


@pytest.fixture
def make_system(request: pytest.FixtureRequest, database: Database, keys: KeyRing) -> MakeSystem:
    """A maker of systems by the name of their store; a server is started at its first use."""

    def make(name: str) -> System:
        if name == "database":
            return Own(database, keys)
        if name == "keycloak":
            return Cloak.given() if cloaks.is_given() else Cloak(request.getfixturevalue("keycloak").url)
        makers: dict[str, Callable[[Any], System]] = {
            "ldap": Ldap,
            "scim": Scim,
            "webhook": Webhook,
            "cognito": Cognito,
        }
        server = {"ldap": "slapd", "webhook": "receiver"}.get(name, name)
        return makers[name](request.getfixturevalue(server))

    return make
