"""Duties: revisions after the first, and the obligations that were drawn from them."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from portal.cohort.exposures import Exposure
from portal.database import Database
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.incident.revisions import COMMITTED, Revision
from portal.sealing import KeyRing
from tests.cast import Person
from tests.identity.bench import everything


def accounts(database: Database, keys: KeyRing, person: Person) -> list[Customer]:
    """Somebody's accounts, oldest first."""
    with database.read() as session:
        index = keys.mac(ADDRESS_INDEX, person.address)
        return list(session.scalars(select(Customer).where(Customer.email_index == index).order_by(Customer.id)))


def alter(database: Database, customer: Customer, **values: object) -> None:
    """Let an account be otherwise."""
    with database.write() as session:
        session.execute(update(Customer).where(Customer.id == customer.id).values(**values))


def revise(database: Database, number: int, result: str, *customers: Customer, state: str = COMMITTED) -> None:
    """Let a later revision have given these accounts another answer."""
    with database.write() as session:
        first = session.get_one(Revision, 1)
        revision = Revision(number=number, state=state, file_digest=first.file_digest, list_digest=first.list_digest)
        revision.accounts, revision.started_at, revision.started_by = len(customers), first.started_at, "operator"
        revision.committed_at = first.committed_at if state == COMMITTED else None
        session.add(revision)
        session.flush()
        for customer in customers:
            mine = update(Exposure).where(Exposure.customer_id == customer.id, Exposure.until_revision.is_(None))
            session.execute(mine.values(until_revision=number))
            categories = "login_details,name" if result == "AFFECTED" else ""
            session.add(Exposure(customer_id=customer.id, from_revision=number, result=result, categories=categories))


def rows(database: Database, table: str) -> list[dict[str, Any]]:
    """Every row of a table."""
    return [row for name, row in everything(database) if name == table]


def duties(database: Database, customer: Customer) -> list[tuple[int, str | None]]:
    """An account's obligations: by which revision, and how each ended."""
    mine = [row for row in rows(database, "obligation") if row["customer_id"] == customer.id]
    return sorted(((row["revision"], row["settled_by"]) for row in mine), key=lambda duty: duty[0])


def owners(database: Database) -> Counter[object]:
    """How many obligations each account has."""
    return Counter(row["customer_id"] for row in rows(database, "obligation"))


def told(database: Database, kind: str) -> list[dict[str, Any]]:
    """What the trail says of a kind."""
    return [row for row in rows(database, "audit_event") if row["kind"] == kind]


def end_of(database: Database, revision: int) -> datetime | None:
    """When the consequences of a revision were whole."""
    return next((row["done_at"] for row in rows(database, "consequence") if row["revision"] == revision), None)
