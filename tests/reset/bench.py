"""The reset room's bench: the cast's old passwords, the form as a visitor sends it, and the store behind it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from portal.database import Database
from portal.identity.customers import REFERENCE_INDEX
from portal.reset.hashing import PROFILES
from portal.reset.obligations import Obligation
from portal.reset.stores.database import Credential, DatabaseStore
from portal.reset.stores.protocol import AccountKey
from portal.sealing import KeyRing
from tests.cast import CUSTOMERS, Person
from tests.visitor import Answer, Visitor, token_on

OLD = "a horse on the old stage"
NEW = "quiet tin boats drift north"
OTHER = "seven lamps under wet snow"
OLD_HASH = PROFILES["surge"].hash(OLD)
LONG_AGO = datetime(2017, 3, 1, tzinfo=UTC)
HANDLE = re.compile(r'name="account" value="([^"]*)"')


def key_of(person: Person, number: int = 0) -> AccountKey:
    """How the store knows somebody's account."""
    return AccountKey(person.accounts[number].brand, f"{person.name}-{number}")


def give_passwords(
    database: Database, keys: KeyRing, *people: Person, changed_at: datetime | None = LONG_AGO, kept: str = OLD_HASH
) -> None:
    """Let each account of these people have the old password; without names, the whole cast's."""
    with database.write() as session:
        for person in people or CUSTOMERS:
            for number in range(len(person.accounts)):
                session.add(Credential(account=_index(keys, person, number), password_hash=kept, changed_at=changed_at))


def credential(database: Database, keys: KeyRing, person: Person, number: int = 0) -> Credential:
    """What the store holds for an account."""
    with database.read() as session:
        return session.get_one(Credential, _index(keys, person, number))


def store_of(portal: Flask) -> DatabaseStore:
    """The store of an application."""
    store = portal.extensions["store"]
    assert isinstance(store, DatabaseStore)
    return store


def obligations(database: Database) -> list[Obligation]:
    """Every obligation, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(Obligation).order_by(Obligation.id)))


def open_ones(database: Database) -> int:
    """How many accounts must reset."""
    return len([one for one in obligations(database) if one.settled_at is None])


@dataclass(frozen=True)
class Shown:
    """The form as a page showed it; it can be sent any number of times."""

    token: str
    account: str

    def send(self, visitor: Visitor, password: str) -> Answer:
        """Send it with this password."""
        return visitor.post("/password", {"csrf_token": self.token, "account": self.account, "password": password})


def form_on(page: Answer) -> Shown:
    """The form on this page."""
    found = HANDLE.search(page.text)
    assert found, "no form for a password on this page"
    return Shown(token_on(page), found[1])


def set_password(visitor: Visitor, password: str) -> Answer:
    """Open the page and send a password."""
    return form_on(visitor.get("/password")).send(visitor, password)


def said_of(page: Answer) -> str:
    """The page's error, in words, or an empty text."""
    found = re.search(
        r'class="govuk-error-message">\s*<span[^>]*>Error:?</span>:?\s*(.*?)\s*</p>', page.text, re.DOTALL
    )
    return found[1] if found else ""


def _index(keys: KeyRing, person: Person, number: int) -> bytes:
    key = key_of(person, number)
    return keys.mac(REFERENCE_INDEX, key.brand, key.reference)
