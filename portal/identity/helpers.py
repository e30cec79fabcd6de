"""Helpers: who may act for a customer who cannot; for some things, until a day, by an address of their own."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.identity.addresses import Address, canonical
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.incident.revisions import COMMITTED, Revision
from portal.sealing import KeyRing
from portal.tokens import fresh_id

ADDRESS = "helper address"
BY_ADDRESS = keyed.index(ADDRESS_INDEX, "email_sealed", spelled=canonical)
LONGEST = timedelta(days=366)
STANDS = text("ended_at is null and approved_by is not null")


class Relation(StrEnum):
    """What somebody is to the customer."""

    GUARDIAN = "guardian"
    CARER = "carer"
    ATTORNEY = "attorney"
    EXECUTOR = "executor"


class Scope(StrEnum):
    """What a helper may do; whoever helps may read the answer."""

    ANSWER = "answer"
    PASSWORD = "password"  # noqa: S105 - a thing to do, no secret
    CODE = "code"


class Helper(Base):
    """Somebody who acts for one account; from `begins_at`, once two people agreed, until `ends_at` or `ended_at`."""

    __tablename__ = "helper"
    __table_args__ = (
        CheckConstraint("relation in ('guardian', 'carer', 'attorney', 'executor')", name="relation"),
        CheckConstraint("approved_by <> proposed_by", name="second_person"),
        CheckConstraint("(approved_by is null) = (begins_at is null)", name="approved"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
        CheckConstraint("ends_at > proposed_at", name="ends"),
        Index(
            "uq_helper_standing", "customer_id", "email_index",
            unique=True, sqlite_where=STANDS, postgresql_where=STANDS,
        ),
        Index("ix_helper_email_index", "email_index"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    relation: Mapped[str] = mapped_column(String(10))
    may: Mapped[str] = mapped_column(String(40))  # scopes, sorted, with commas
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), info=BY_ADDRESS)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(ADDRESS))
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(String(80))
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(80))

    @property
    def subject(self) -> str:
        """What the trail calls this helper."""
        return f"helper:{self.id}"

    @property
    def scope(self) -> frozenset[str]:
        """What they may do."""
        return frozenset(self.may.split(","))

    def acts(self, now: datetime) -> bool:
        """Whether they may act at this moment."""
        return self.ended_at is None and self.begins_at is not None and self.begins_at <= now < self.ends_at


def write_down(
    session: Session,
    keys: KeyRing,
    customer: UUID,
    relation: Relation,
    scope: Iterable[Scope],
    address: Address,
    *,
    until: datetime,
    by: str,
    now: datetime,
) -> Helper:
    """Somebody who is to help, once a second person agrees."""
    row = fresh_id()
    helper = Helper(id=row, customer_id=customer, relation=relation.value, proposed_by=by, proposed_at=now)
    helper.may, helper.ends_at = ",".join(sorted({Scope.ANSWER.value, *scope})), until
    helper.email_index = keys.mac(ADDRESS_INDEX, address.canonical)
    helper.email_sealed = keys.seal(ADDRESS, row, address.stored)
    session.add(helper)
    session.flush()
    return helper


def begin(session: Session, helper: Helper, *, by: str, begins_at: datetime) -> bool:
    """A second person agreed; False where it has ended meanwhile, or they help this account already."""
    same = select(Helper.id).where(Helper.customer_id == helper.customer_id, Helper.email_index == helper.email_index)
    if session.scalar(same.where(Helper.ended_at.is_(None), Helper.approved_by.is_not(None))):
        return False
    waits = update(Helper).where(Helper.id == helper.id, Helper.ended_at.is_(None), Helper.approved_by.is_(None))
    return changed(session, waits.values(approved_by=by, begins_at=begins_at)) == 1


def end(session: Session, number: UUID, *, by: str, now: datetime) -> bool:
    """They help no longer; False where that was over already."""
    standing = update(Helper).where(Helper.id == number, Helper.ended_at.is_(None))
    return changed(session, standing.values(ended_at=now, ended_by=by)) == 1


def at_address(session: Session, indexes: Collection[bytes], *, now: datetime) -> list[Helper]:
    """For whom somebody may act now who reads this address, given its index under each live key; oldest first."""
    mine = select(Helper).join(Customer, Customer.id == Helper.customer_id)
    visible = mine.join(Revision, Revision.number == Customer.from_revision).where(Revision.state == COMMITTED)
    found = session.scalars(visible.where(Helper.email_index.in_(indexes)).order_by(Helper.id))
    return [one for one in found if one.acts(now)]


def gather(helping: Iterable[Helper], index: bytes) -> bytes:
    """Let all of them be found by the same index, as their visit will look; while keys change, there may be two."""
    for one in helping:
        one.email_index = index
    return index


def of(session: Session, customers: Collection[UUID]) -> list[Helper]:
    """Everybody who was ever to help these accounts, newest first."""
    mine = select(Helper).where(Helper.customer_id.in_(customers))
    return list(session.scalars(mine.order_by(Helper.id.desc())))


def standing_for(session: Session, customers: Collection[UUID], *, now: datetime) -> list[Helper]:
    """Those who may act for these accounts, now or soon."""
    return [one for one in of(session, customers) if one.approved_by and not one.ended_at and one.ends_at > now]


def stored_address(keys: KeyRing, helper: Helper) -> str:
    """Where their letters go; raises SealBroken."""
    return keys.unseal(ADDRESS, helper.id, helper.email_sealed)
