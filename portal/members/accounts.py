"""Accounts at the company's sign-in: each member has one, and it is the first that came with the member's address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.audit import trail
from portal.audit.events import Event
from portal.database import Base, changed, inserted
from portal.members import member
from portal.members.member import Member
from portal.members.sign_ons import NotVouched, Vouched
from portal.sealing import KeyRing

PURPOSE = "company account"


class CompanyAccount(Base):
    """A member's account; only a keyed digest of who gave it out and of its name there."""

    __tablename__ = "company_account"

    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id), primary_key=True)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    account_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=keyed.digest())
    created_at: Mapped[datetime]


def owner(session: Session, keys: KeyRing, vouched: Vouched, *, now: datetime) -> Member:
    """The member who is vouched for; nobody becomes a member by this. Raises NotVouched."""
    person = member.at_address(session, keys, vouched.address)
    if person is None:
        raise NotVouched("address-unknown")
    if person.disabled_at is not None:
        raise NotVouched("member-disabled")
    index = keys.mac(PURPOSE, vouched.issuer, vouched.subject)
    if inserted(session, CompanyAccount, member_id=person.id, key_id=keys.current, account_index=index, created_at=now):
        trail.record(session, Event.MEMBER_LINKED, now=now, actor=person.actor, subject=person.actor)
    held = session.scalar(select(CompanyAccount.account_index).where(CompanyAccount.member_id == person.id))
    # Addresses are given to others when people leave; accounts are not.
    if held not in keys.macs(PURPOSE, vouched.issuer, vouched.subject).values():
        raise NotVouched("another-account")
    return person


def forget(session: Session, person: Member) -> None:
    """The member begins anew: the next account with the member's address is the one."""
    changed(session, delete(CompanyAccount).where(CompanyAccount.member_id == person.id))
