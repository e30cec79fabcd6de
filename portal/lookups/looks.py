"""Looks: whose record a member found, opened, uncovered or acted on, and why; the customer may know of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, inserted
from portal.identity.customers import Customer
from portal.limits import UNMASKINGS_PER_MEMBER
from portal.lookups.searches import RecordSearch, take_turn
from portal.members.member import Member
from portal.sealing import KeyRing
from portal.tokens import fresh_id

FOUND, CASE, SHEET, READ = "search", "case", "sheet", "case-read"
PAGES = (SHEET, READ)
ADDRESS, REFERENCE = "address", "reference"
MASKED = (ADDRESS, REFERENCE)
LINK, STOPPED, RESUMED, RESET = "link", "letters-stopped", "letters-resumed", "reset-required"
FLAGGED, CONFIRMED = "result-flagged", "result-confirmed"
REPLACING, OPENED = "code-replacing", "case-opened"
CHANGE, HELPER, PASSING = "address-change", "helper", "passing"
OPENS = (FOUND, CASE)  # what lets a member open the record for an hour
OPEN_FOR = timedelta(hours=1)
NOTE = "note of a look"


class RecordLook(Base):
    """One look at an account or at a case, or one act on it; the note is sealed."""

    __tablename__ = "record_look"
    __table_args__ = (
        CheckConstraint("customer_id is not null or case_id is not null", name="about"),
        Index("ix_record_look_customer", "customer_id", "at"),
        Index("ix_record_look_case_id", "case_id"),
        Index("ix_record_look_member", "member_id", "at"),
        Index("ix_record_look_search", "search_id"),
        Index("ix_record_look_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey(Customer.id))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("help_case.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id))
    search_id: Mapped[UUID | None] = mapped_column(ForeignKey(RecordSearch.id))
    role: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=keyed.sealed(NOTE))
    at: Mapped[datetime]


@dataclass(frozen=True)
class Looker:
    """Who looks, in which role, for which reason; `search` or `case` is what the record was found by."""

    member: UUID
    role: str
    reason: str
    search: UUID | None = None
    case: UUID | None = None


@dataclass(frozen=True)
class Told:
    """What a customer hears of a look: when, what, why and in which role; not the name of a person."""

    at: datetime
    brand: str
    role: str
    what: str
    reason: str


def note(session: Session, looker: Looker, customer: UUID | None, what: str, *, now: datetime) -> None:
    """Write a look down; at a case that nobody's account is known of, without a customer."""
    session.add(RecordLook(customer_id=customer, what=what, at=now, **_of(looker)))


def note_act(
    session: Session, keys: KeyRing, looker: Looker, customer: UUID, what: str, once: UUID, note: str, *, now: datetime
) -> bool:
    """Write an act down under a number that its page chose; False if that very act was done before."""
    sealed = keys.seal(NOTE, once, note) if note else None
    values = {"customer_id": customer, "what": what, "note_sealed": sealed, "at": now, **_of(looker)}
    return inserted(session, RecordLook, id=once, **values)


def read_note(keys: KeyRing, look: RecordLook) -> str:
    """The note of a look, or an empty text; raises SealBroken."""
    return keys.unseal(NOTE, look.id, look.note_sealed) if look.note_sealed else ""


def opening(session: Session, member: UUID, customer: UUID, *, now: datetime) -> RecordLook | None:
    """The member's own find of the last hour that lets this record be opened, the newest one."""
    mine = select(RecordLook).where(RecordLook.member_id == member, RecordLook.customer_id == customer)
    lately = mine.where(RecordLook.what.in_(OPENS), RecordLook.at > now - OPEN_FOR)
    return session.scalar(lately.order_by(RecordLook.at.desc(), RecordLook.id.desc()).limit(1))


def act_of(session: Session, number: UUID) -> RecordLook | None:
    """The act of this number, if it is one."""
    return session.get(RecordLook, number)


def found_by(session: Session, search: UUID) -> Sequence[Customer]:
    """The accounts that a search found, oldest first."""
    found = select(Customer).join(RecordLook, RecordLook.customer_id == Customer.id)
    return session.scalars(
        found.where(RecordLook.search_id == search, RecordLook.what == FOUND).order_by(Customer.id)
    ).all()


def may_unmask(session: Session, member: UUID, *, now: datetime) -> bool:
    """Whether the member has not yet uncovered as many fields as are allowed in an hour; held until commit."""
    take_turn(session, member)
    since = now - timedelta(seconds=UNMASKINGS_PER_MEMBER.per)
    mine = select(func.count()).select_from(RecordLook).where(RecordLook.member_id == member, RecordLook.at > since)
    return (session.scalar(mine.where(RecordLook.what.in_(MASKED))) or 0) < UNMASKINGS_PER_MEMBER.amount


def latest(session: Session, customer: UUID, *, most: int = 30) -> Sequence[RecordLook]:
    """What members did with a record, newest first."""
    mine = select(RecordLook).where(RecordLook.customer_id == customer)
    return session.scalars(mine.order_by(RecordLook.at.desc(), RecordLook.id.desc()).limit(most)).all()


def told(session: Session, about: Collection[UUID], *, most: int = 200) -> list[Told]:
    """What the owner of these accounts or cases may know, newest first: a page seen again that day is told once."""
    rows = select(RecordLook, Customer.brand).join(Customer, Customer.id == RecordLook.customer_id, isouter=True)
    mine = rows.where(or_(RecordLook.customer_id.in_(about), RecordLook.case_id.in_(about)))
    seen: dict[tuple[object, ...], Told] = {}
    for look, brand in session.execute(mine.order_by(RecordLook.at.desc(), RecordLook.id.desc()).limit(most)):
        page = (look.search_id, look.case_id, look.customer_id, look.member_id, look.what, look.reason, look.at.date())
        again = page if look.what in PAGES else (look.id,)
        seen.setdefault(again, Told(look.at, brand or "", look.role, look.what, look.reason))
    return list(seen.values())


def _of(looker: Looker) -> dict[str, object]:
    said = {"member_id": looker.member, "role": looker.role, "reason": looker.reason}
    return said | {"search_id": looker.search, "case_id": looker.case}
