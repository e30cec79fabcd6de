"""A member: somebody of the staff, with roles; disabled at once, never deleted, because the trail names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed, inserted
from portal.members.roles import Role, apart, together
from portal.sealing import KeyRing
from portal.tokens import fresh_id

ADDRESS, ADDRESS_INDEX = "member address", "member address index"
BY_ADDRESS = keyed.index(ADDRESS_INDEX, "email_sealed", spelled=str.lower)
LONGEST_NAME = 80
NAMELESS = f"A name of 1 to {LONGEST_NAME} signs is needed."
UNREADABLE = "This is not an address that we could write to."
KNOWN = "There is a member with this address already."


class MemberRefused(ValueError):
    """Nobody can be invited like this; its text says why, and never the address."""


class Member(Base):
    """Somebody of the staff; the address is sealed, and found by its keyed index."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("roles <> ''", name="has_a_role"),
        CheckConstraint("roles not like '%agent%' or roles not like '%approver%'", name="agent_or_approver"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=BY_ADDRESS)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(ADDRESS))
    roles: Mapped[str] = mapped_column(String(80))
    brands: Mapped[str] = mapped_column(String(400))
    locale: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    @property
    def actor(self) -> str:
        """What the trail calls this person."""
        return f"member:{self.id}"

    @property
    def holds(self) -> frozenset[Role]:
        """The roles of this person."""
        return apart(self.roles)

    @property
    def works_for(self) -> tuple[str, ...]:
        """The ids of the brands this person works for; none named is all."""
        return tuple(filter(None, self.brands.split(",")))


@dataclass(frozen=True)
class Newcomer:
    """Who is to be invited."""

    name: str
    address: str
    roles: frozenset[Role]
    brands: frozenset[str] = frozenset()
    locale: str = "en"


def add(session: Session, keys: KeyRing, newcomer: Newcomer, *, now: datetime) -> Member:
    """A new member; raises MemberRefused or RolesRefused."""
    name, address, row = " ".join(newcomer.name.split()), _read(newcomer.address), fresh_id()
    if not 0 < len(name) <= LONGEST_NAME:
        raise MemberRefused(NAMELESS)
    values = {
        "id": row,
        "name": name,
        "key_id": keys.current,
        "email_index": keys.mac(ADDRESS_INDEX, address.lower()),
        "email_sealed": keys.seal(ADDRESS, row, address),
        "roles": together(newcomer.roles),
        "brands": ",".join(sorted(newcomer.brands)),
        "locale": newcomer.locale,
        "created_at": now,
    }
    if at_address(session, keys, address) or not inserted(session, Member, **values):
        raise MemberRefused(KNOWN)
    return session.get_one(Member, row)


def at_address(session: Session, keys: KeyRing, address: str) -> Member | None:
    """The member with this address, disabled or not."""
    indexes = keys.macs(ADDRESS_INDEX, address.strip().lower()).values()
    return session.scalar(select(Member).where(Member.email_index.in_(indexes)))


def address_of(keys: KeyRing, member: Member) -> str:
    """Where letters to this member go; raises SealBroken."""
    return keys.unseal(ADDRESS, member.id, member.email_sealed)


def everybody(session: Session) -> list[Member]:
    """All members by name, the disabled ones last."""
    order = (Member.disabled_at.is_not(None), Member.name, Member.id)
    return list(session.scalars(select(Member).order_by(*order)))


def holding(session: Session, role: Role) -> list[Member]:
    """The members with this role who are not shut out."""
    return [person for person in everybody(session) if person.disabled_at is None and role in person.holds]


def named(session: Session, actor: str) -> Member | None:
    """The member whom the trail calls so."""
    try:
        return session.get(Member, UUID(actor.removeprefix("member:")))
    except ValueError:
        return None


def names(session: Session) -> dict[str, str]:
    """The name of everybody, by what the trail calls them."""
    return {person.actor: person.name for person in everybody(session)}


def any_exist(session: Session) -> bool:
    """Whether there is a staff at all, so that nobody acts alone any more."""
    return session.scalar(select(Member.id).limit(1)) is not None


def give_roles(session: Session, member: Member, roles: Iterable[Role]) -> None:
    """Let the member hold these roles and no others; raises RolesRefused."""
    changed(session, update(Member).where(Member.id == member.id).values(roles=together(roles)))


def disable(session: Session, member: Member, *, now: datetime) -> bool:
    """The member is out from now on; False if that was so already."""
    out = update(Member).where(Member.id == member.id, Member.disabled_at.is_(None))
    return changed(session, out.values(disabled_at=now)) == 1


def enable(session: Session, member: Member) -> bool:
    """The member may sign in again; False if that was so already."""
    back = update(Member).where(Member.id == member.id, Member.disabled_at.is_not(None))
    return changed(session, back.values(disabled_at=None)) == 1


def _read(text: str) -> str:
    try:
        return validate_email(text.strip(), check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError:
        raise MemberRefused(UNREADABLE) from None
