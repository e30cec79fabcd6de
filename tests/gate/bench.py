"""The gate's bench: keys, and a program that asks with one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.database import Database
from portal.gate import keys as gate_keys
from portal.gate.keys import Scope, Wanted
from portal.identity.customers import REFERENCE, REFERENCE_INDEX, Customer
from portal.sealing import KeyRing

Work = Callable[[], None]
BRAND = "stagelight-uk"
EVERYTHING = tuple(Scope)


@dataclass(frozen=True)
class Caller:
    """The company's log-in, with a key."""

    client: FlaskClient
    key: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask, below /gate/v1."""
        return self._open("GET", path, headers)

    def post(self, path: str, told: object, **headers: str) -> TestResponse:
        """Tell, as JSON."""
        return self._open("POST", path, headers, json=told)

    def stands(self, reference: str) -> tuple[str, int]:
        """An account's state and epoch."""
        told = self.get(f"/accounts/{reference}").get_json()
        return told["state"], told["epoch"]

    def changes(self, cursor: str | None = None, limit: int = 100) -> dict[str, Any]:
        """A page of the feed."""
        after = f"&after={cursor}" if cursor else ""
        told: dict[str, Any] = self.get(f"/changes?limit={limit}{after}").get_json()
        return told

    def _open(self, method: str, path: str, headers: dict[str, str], **said: Any) -> TestResponse:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told.setdefault("Authorization", f"Bearer {self.key}")
        return self.client.open(f"/gate/v1{path}", method=method, headers=told, **said)


@dataclass(frozen=True)
class Locksmith:
    """Makes keys."""

    database: Database
    keys: KeyRing
    now: datetime

    def make(self, *scopes: Scope, name: str = "login", brand: str = BRAND, sandbox: bool = False) -> str:
        """A key that is good for these, or for everything."""
        wanted = Wanted(name, brand, scopes or EVERYTHING, sandbox)
        with self.database.write() as session:
            return gate_keys.make(session, self.keys, wanted, by="operator:test", now=self.now)


def rename(database: Database, keys: KeyRing, before: str, reference: str) -> None:
    """Let an account of the brand have had another reference all along."""
    with database.write() as session:
        index = keys.mac(REFERENCE_INDEX, BRAND, before)
        customer = session.scalars(select(Customer).where(Customer.ref_index == index)).one()
        customer.ref_index = keys.mac(REFERENCE_INDEX, BRAND, reference)
        customer.ref_sealed = keys.seal(REFERENCE, customer.id, reference)
