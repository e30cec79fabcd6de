"""Contents: everything that a draft would change, counted, and a digest that no changed row leaves as it was."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.approvals.contents import digest, in_order
from portal.cohort.exposures import Exposure
from portal.database import Database
from portal.identity.customers import Customer


@dataclass
class Contents:
    """How many accounts are new and which answers are given, and the digest of all of it."""

    new: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    digest: str = ""


def of_draft(database: Database, number: int) -> Contents:
    """What a draft holds; reads each of its rows once, in constant memory."""
    held = Contents()
    with database.read() as session:
        held.digest = digest(_rows(session, number, held))
    return held


def _rows(session: Session, number: int, held: Contents) -> Iterator[tuple[object, ...]]:
    accounts = select(
        Customer.id, Customer.brand, Customer.key_id, Customer.ref_index, Customer.email_index, Customer.locale,
        Customer.country, Customer.guest, Customer.social, Customer.minor, Customer.deceased,
    ).where(Customer.from_revision == number)  # fmt: skip
    for row in in_order(session, accounts, Customer.id):
        held.new += 1
        yield ("new", *row)
    closed = select(Exposure.customer_id, Exposure.id).where(Exposure.until_revision == number)
    for row in in_order(session, closed, Exposure.customer_id):
        yield ("closed", *row)
    opened = select(Exposure.customer_id, Exposure.result, Exposure.categories)
    for row in in_order(session, opened.where(Exposure.from_revision == number), Exposure.customer_id):
        held.answers[row.result] += 1
        yield ("opened", *row)
