"""Customers: each one account at one brand; several may share an address."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base
from portal.identity.addresses import Address
from portal.incident.revisions import COMMITTED, Revision
from portal.sealing import KeyRing
from portal.tokens import fresh_id

REFERENCE_INDEX = "customer reference index"
REFERENCE = "customer reference"
ADDRESS_INDEX = "address index"
ADDRESS = "customer address"


class Customer(Base):
    """An account; nobody sees it while the revision that brought it is a draft."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("brand", "key_id", "ref_index"),
        Index("ix_customer_email_index", "email_index"),
        Index("ix_customer_from_revision", "from_revision"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    brand: Mapped[str] = mapped_column(String(40))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    ref_index: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.index(REFERENCE_INDEX, leads=False))
    ref_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(REFERENCE))
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.index(ADDRESS_INDEX, leads=False))
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(ADDRESS))
    epoch: Mapped[int] = mapped_column(default=1)
    locale: Mapped[str | None] = mapped_column(String(12))
    country: Mapped[str | None] = mapped_column(String(2))
    guest: Mapped[bool] = mapped_column(default=False)
    social: Mapped[bool] = mapped_column(default=False)
    minor: Mapped[bool] = mapped_column(default=False)
    deceased: Mapped[bool] = mapped_column(default=False)
    from_revision: Mapped[int] = mapped_column(ForeignKey(Revision.number))


def at_address(session: Session, indexes: Collection[bytes]) -> list[Customer]:
    """The visible accounts at an address, given its index under each live key; oldest first."""
    return list(
        session.scalars(
            select(Customer)
            .join(Revision, Revision.number == Customer.from_revision)
            .where(Customer.email_index.in_(indexes), Revision.state == COMMITTED)
            .order_by(Customer.id)
        )
    )


def at_reference(session: Session, keys: KeyRing, brand: str, reference: str) -> list[Customer]:
    """The visible account of a brand with this whole reference, or none."""
    indexes = keys.macs(REFERENCE_INDEX, brand, reference)
    named = select(Customer).join(Revision, Revision.number == Customer.from_revision)
    mine = named.where(Customer.brand == brand, Customer.key_id.in_(indexes), Customer.ref_index.in_(indexes.values()))
    return list(session.scalars(mine.where(Revision.state == COMMITTED).order_by(Customer.id)))


def visible(session: Session, number: UUID) -> Customer | None:
    """The account of this id, unless a draft brought it."""
    mine = select(Customer).join(Revision, Revision.number == Customer.from_revision)
    return session.scalar(mine.where(Customer.id == number, Revision.state == COMMITTED))


def stored_address(keys: KeyRing, customer: Customer) -> str:
    """The address as the company stored it: the only one that letters go to (EML-04)."""
    return keys.unseal(ADDRESS, customer.id, customer.email_sealed)


def stored_reference(keys: KeyRing, customer: Customer) -> str:
    """The company's own name for the account, for its identity store."""
    return keys.unseal(REFERENCE, customer.id, customer.ref_sealed)


def move(keys: KeyRing, customer: Customer, address: Address) -> None:
    """Give an account another address; every proof for the old one dies with its epoch."""
    reference = stored_reference(keys, customer)
    customer.key_id = keys.current
    customer.ref_index = keys.mac(REFERENCE_INDEX, customer.brand, reference)
    customer.email_index = keys.mac(ADDRESS_INDEX, address.canonical)
    customer.email_sealed = keys.seal(ADDRESS, customer.id, address.stored)
    customer.epoch += 1
