"""The cast: six people whom every test, seed and page of the README knows."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.cohort.exposures import Exposure
from portal.database import Database
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX, Customer
from portal.incident.revisions import COMMITTED, ArchivedFile, Revision
from portal.sealing import KeyRing
from portal.tokens import fresh_id

FIRST_DAY = datetime(2018, 6, 28, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Account:
    """One account at one brand, and the answer that it got."""

    brand: str = "stagelight-uk"
    country: str = "GB"
    result: str = "NOT_AFFECTED"
    categories: tuple[str, ...] = ()
    locale: str = "en"
    minor: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody with an address, and any number of accounts under it."""

    name: str
    accounts: tuple[Account, ...] = ()

    @property
    def address(self) -> str:
        """The address as the company stored it."""
        return f"{self.name}@mail.example"


SOME = ("email_address", "name")
MORE = ("email_address", "login_details", "name", "postal_address")
ALL = ("email_address", "login_details", "name", "payment_details", "postal_address", "telephone")

AMARA = Person(  # must reset; has an account at two brands
    "amara",
    (
        Account(result="AFFECTED", categories=ALL),
        Account(brand="seatswap", result="AFFECTED", categories=SOME),
    ),
)
BO = Person("bo", (Account(),))  # was not affected
EMRE = Person(  # lost his mailbox
    "emre", (Account(brand="stagelight-international", country="DE", result="AFFECTED", categories=MORE),)
)
CHEN = Person("chen")  # a support agent
DILYS = Person("dilys")  # approves, and reads the trail
FATOU = Person("fatou")  # a stranger

CUSTOMERS = (AMARA, BO, EMRE)
STAFF = (CHEN, DILYS)


def settle(database: Database, keys: KeyRing, *people: Person) -> None:
    """Let these people have been loaded by a committed revision 1; without names, all customers of the cast."""
    moving_in = people or CUSTOMERS
    with database.write() as session:
        _commit_revision(session, sum(len(person.accounts) for person in moving_in))
        for person in moving_in:
            for number, account in enumerate(person.accounts):
                _open(session, keys, person, account, f"{person.name}-{number}")


def move_in_later(database: Database, ring: KeyRing) -> None:
    """Bo gets another account under the ring's current key, as a later load would write it."""
    row, address = fresh_id(), read(BO.address)
    with database.write() as session:
        customer = Customer(id=row, brand="seatswap", country="GB", locale="en", from_revision=1, key_id=ring.current)
        customer.ref_index = ring.mac(REFERENCE_INDEX, "seatswap", "bo-later")
        customer.ref_sealed = ring.seal(REFERENCE, row, "bo-later")
        customer.email_index = ring.mac(ADDRESS_INDEX, address.canonical)
        customer.email_sealed = ring.seal(ADDRESS, row, address.stored)
        session.add(customer)
        session.flush()
        session.add(Exposure(customer_id=row, from_revision=1, result="AFFECTED", categories="name"))


def _commit_revision(session: Session, accounts: int) -> None:
    digest = hashlib.sha256(b"{}").hexdigest()
    session.add(ArchivedFile(digest=digest, content="{}", archived_at=FIRST_DAY))
    session.flush()
    revision = Revision(number=1, state=COMMITTED, file_digest=digest, list_digest=digest, accounts=accounts)
    revision.started_at = revision.committed_at = FIRST_DAY
    revision.started_by = "operator"
    session.add(revision)
    session.flush()


def _open(session: Session, keys: KeyRing, person: Person, account: Account, reference: str) -> None:
    row, address = fresh_id(), read(person.address)
    customer = Customer(id=row, brand=account.brand, country=account.country, locale=account.locale, from_revision=1)
    customer.key_id = keys.current
    customer.minor = account.minor
    customer.ref_index = keys.mac(REFERENCE_INDEX, account.brand, reference)
    customer.ref_sealed = keys.seal(REFERENCE, row, reference)
    customer.email_index = keys.mac(ADDRESS_INDEX, address.canonical)
    customer.email_sealed = keys.seal(ADDRESS, row, address.stored)
    session.add(customer)
    session.flush()
    answer = Exposure(customer_id=row, from_revision=1, result=account.result)
    answer.categories = ",".join(sorted(account.categories))
    session.add(answer)
