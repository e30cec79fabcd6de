"""A case: what somebody needs a person for, found again by its number and a phrase of four words."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.cases.reasons import Closure, Reason, listed
from portal.database import Base, changed
from portal.identity.addresses import canonical
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.mail.suppressions import MAILBOX
from portal.tokens import fresh_id, read_code, show_code

# NEW: nobody looked yet; OPEN: in work; WAITING: for the customer; ANSWERED: the customer may say more.
NEW, OPEN, WAITING, ANSWERED, CLOSED = "NEW", "OPEN", "WAITING", "ANSWERED", "CLOSED"
ADDRESS, CONTACT = "case address", "case contact"
BY_ADDRESS = keyed.index(ADDRESS_INDEX, "email_sealed", spelled=canonical)
# What limits are counted by, proven or claimed.
BY_MAILBOX = keyed.index(MAILBOX, "email_sealed", "contact_sealed")
SIGN = "C"
IS_WHOLE = text("state = 'CLOSED' and erased_at is null")
IS_CLAIMED, CLAIMED_WAY = text("claimed_by is not null"), ("claimed_by", "state", "due_at", "id")
LEASE = timedelta(minutes=15)  # how long a member holds a case since the last act


class CaseMoved(Exception):
    """Somebody else wrote to the case meanwhile, or works on it now; look at it again."""


class Case(Base):
    """One case; `email_…` is a proven address, `contact_sealed` one that was only claimed and is never written to."""

    __tablename__ = "help_case"
    __table_args__ = (
        CheckConstraint(f"reason in ({listed(Reason)})", name="reason"),
        CheckConstraint(f"state in ('{NEW}', '{OPEN}', '{WAITING}', '{ANSWERED}', '{CLOSED}')", name="state"),
        CheckConstraint(f"close_reason in ({listed(Closure)})", name="close_reason"),
        CheckConstraint("(state = 'CLOSED') = (closed_at is not null)", name="closed"),
        CheckConstraint("(closed_at is null) = (close_reason is null)", name="closed_why"),
        CheckConstraint("(email_index is null) = (email_sealed is null)", name="proven"),
        CheckConstraint("(claimed_by is null) = (claimed_until is null)", name="claimed"),
        CheckConstraint("merged_into is null or state = 'CLOSED'", name="merged"),
        CheckConstraint("merged_into <> id", name="merged_into_another"),
        Index("ix_help_case_queue", "state", "due_at", "id"),
        # The last two are for the figures, which then read nothing but this.
        Index("ix_help_case_by_reason", "state", "reason", "due_at", "id", "opened_at", "brand"),
        Index("ix_help_case_by_brand", "state", "brand", "due_at", "id"),
        Index("ix_help_case_by_locale", "state", "locale", "due_at", "id"),
        Index("ix_help_case_over", "closed_at", sqlite_where=IS_WHOLE, postgresql_where=IS_WHOLE),
        Index("ix_help_case_merged_into", "merged_into"),
        Index("ix_help_case_email_index", "email_index"),
        Index("ix_help_case_mailbox", "mailbox", "opened_at"),
        Index("ix_help_case_customer_id", "customer_id"),
        Index("ix_help_case_claimed_by", *CLAIMED_WAY, sqlite_where=IS_CLAIMED, postgresql_where=IS_CLAIMED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    number: Mapped[str] = mapped_column(String(8), unique=True)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    phrase_digest: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.digest("erased_at"))
    wrong_phrases: Mapped[int] = mapped_column(SmallInteger, default=0)
    wrong_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(8), default=NEW)
    brand: Mapped[str] = mapped_column(String(40))
    origin: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(12))
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=BY_ADDRESS)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=keyed.sealed(ADDRESS))
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=keyed.sealed(CONTACT))
    mailbox: Mapped[bytes | None] = mapped_column(
        LargeBinary(32), info=keyed.index(MAILBOX, "email_sealed", "contact_sealed")
    )  # what limits are counted by, proven or claimed
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey(Customer.id))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(String(20))
    erased_at: Mapped[datetime | None]  # since then it is nobody's, and says nothing
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("help_case.id"))
    version: Mapped[int] = mapped_column(default=1)

    @property
    def subject(self) -> str:
        """What the trail calls this case."""
        return f"case:{self.id}"


def change(session: Session, case: UUID, version: int, *, by: str | None = None, now: datetime, **values: Any) -> int:
    """Write to a case by one UPDATE: returns its new version; raises CaseMoved where this one is not its latest.

    A member of the staff, given as `by`, must hold the case's claim, which each act prolongs; the customer need not.
    """
    mine = update(Case).where(Case.id == case, Case.version == version)
    if by is not None:
        mine = mine.where(Case.claimed_by == by, Case.claimed_until > now)
        values = {"claimed_until": now + LEASE} | values
    if changed(session, mine.values(**values, version=version + 1)) != 1:
        raise CaseMoved
    return version + 1


def held(session: Session, case: UUID) -> Case:
    """The case as it stands, which nobody else writes to until the transaction ends."""
    return session.scalars(select(Case).where(Case.id == case).with_for_update()).one()


def read_number(typed: str) -> str:
    """The number that was typed, with or without its C and dashes; an empty text where it is none."""
    signs = "".join(typed.upper().replace("-", " ").split())
    return read_code(signs) or (read_code(signs[1:]) if signs.startswith(SIGN) else None) or ""


def show_number(number: str) -> str:
    """The number as pages and letters show it: C-XXXX-XXXX."""
    return f"{SIGN}-{show_code(number)}"
