"""Proofing: the change of a lost mailbox's address, from a claim over two people and 72 hours to its end (STF-09)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.approvals.proposals import Proposal
from portal.cases.case import Case
from portal.database import Base, changed
from portal.identity import addresses
from portal.identity.addresses import Address
from portal.identity.customers import Customer
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_public_id

CLAIMED, PROPOSED, COOLING, APPLIED = "CLAIMED", "PROPOSED", "COOLING", "APPLIED"
REFUSED, CANCELLED, EXPIRED = "REFUSED", "CANCELLED", "EXPIRED"
OPEN = (CLAIMED, PROPOSED, COOLING)
STANDS = text("ended_at is null")

COOLS = timedelta(hours=72)  # the letters reach every known address, and somebody on a short journey reads them
CLAIM_LASTS = timedelta(days=37)  # a posted code lives for 30 days
PROPOSAL_LASTS = timedelta(days=3)
NEW, OLD = "new address", "old address"


class ChangeMoved(Exception):
    """The change is not where this step begins: somebody else was faster, or it has ended."""


class AddressChange(Base):
    """One change; the hall of approvals holds what two people agreed on, this row what becomes of it.

    `parked_at`: the member who proposed it was under duress; nobody is asked to agree, and the pages do not show it.
    """

    __tablename__ = "address_change"
    __table_args__ = (
        CheckConstraint(
            "state in ('CLAIMED', 'PROPOSED', 'COOLING', 'APPLIED', 'REFUSED', 'CANCELLED', 'EXPIRED')", name="state"
        ),
        CheckConstraint("(state in ('CLAIMED', 'PROPOSED', 'COOLING')) = (ended_at is null)", name="ended"),
        CheckConstraint("approved_by <> agent", name="second_person"),
        CheckConstraint("reviewed_by <> agent and reviewed_by <> approved_by", name="third_person"),
        CheckConstraint("assigned_to <> agent", name="assigned"),
        CheckConstraint(
            "state not in ('COOLING', 'APPLIED') or (approved_by is not null and cooling_until is not null"
            " and old_sealed is not null and evidence <> '' and parked_at is null)",
            name="approved",
        ),
        CheckConstraint("state <> 'PROPOSED' or (evidence <> '' and proposed_at is not null)", name="proposed"),
        CheckConstraint("(code_digest is null) = (code_until is null)", name="posted_code"),
        Index("uq_address_change_standing", "customer_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_address_change_state", "state", "cooling_until"),
        Index("ix_address_change_agent", "agent", "proposed_at"),
        Index("ix_address_change_network", "network", "proposed_at"),
        Index("ix_address_change_case_id", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=fresh_public_id)
    state: Mapped[str] = mapped_column(String(9), default=CLAIMED)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    agent: Mapped[str] = mapped_column(String(80))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    new_index: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.digest("ended_at"))
    new_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(NEW))
    started_at: Mapped[datetime]
    evidence: Mapped[str] = mapped_column(String(200), default="")
    proposal: Mapped[int | None] = mapped_column(ForeignKey(Proposal.id))
    assigned_to: Mapped[str | None] = mapped_column(String(80))
    network: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.digest("ended_at"))
    proposed_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(80))
    cooling_until: Mapped[datetime | None]
    old_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=keyed.sealed(OLD))
    cancel_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.digest("ended_at"))
    ended_at: Mapped[datetime | None]
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.digest("ended_at"))
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    posted_at: Mapped[datetime | None]  # when the posted code came back
    review_due: Mapped[bool] = mapped_column(default=False)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))

    @property
    def subject(self) -> str:
        """What the trail calls this change."""
        return f"mailbox:{self.id}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of evidence that were seen."""
        return tuple(filter(None, self.evidence.split(",")))


def advance(session: Session, change: AddressChange, *sources: str, state: str, **values: object) -> None:
    """Take a step by one UPDATE; raises ChangeMoved where the change is in none of these states any more."""
    mine = update(AddressChange).where(AddressChange.id == change.id, AddressChange.state.in_(sources))
    if changed(session, mine.values(state=state, **values)) != 1:
        raise ChangeMoved
    session.refresh(change)


def standing_of(session: Session, customer: UUID) -> AddressChange | None:
    """The customer's change that has not ended."""
    of = select(AddressChange).where(AddressChange.customer_id == customer, AddressChange.ended_at.is_(None))
    return session.scalar(of)


def new_address(keys: KeyRing, change: AddressChange) -> Address:
    """Where letters will go; raises SealBroken."""
    return addresses.read(keys.unseal(NEW, change.id, change.new_sealed))
