"""The pages of changes of address: the list, one change, and what their forms offer."""

from uuid import UUID

from flask import abort
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.cases.case import Case, show_number
from portal.cases.door import CHANGE, CHANGES, EVIDENCE, SOONER
from portal.cases.proofing import AddressChange, new_address
from portal.console.forms import BeginForm, EvidenceForm, RecoveryForm, values
from portal.console.page import page
from portal.console.search import brands_of
from portal.extensions import ground
from portal.identity import customers
from portal.identity.customers import Customer
from portal.incident.door import current_incident as site
from portal.lookups import masks
from portal.members import member
from portal.members.sessions import Present

MOST = 100


def begin_form(**said: None) -> BeginForm:
    """The form by which a change begins."""
    form = BeginForm(**said)
    form.brand.choices = values(brand.id for brand in site().brands)
    return form


def evidence_form(**said: None) -> EvidenceForm:
    """The form by which one is proposed; it offers no evidence that a thief could show."""
    form = EvidenceForm(**said)
    form.evidence.choices = values(site().evidence.good())
    form.reason.offer(CHANGE.reasons)
    return form


def hurry_form(**said: None) -> RecoveryForm:
    """The form that asks not to wait."""
    form = RecoveryForm(**said)
    form.reason.offer(SOONER.reasons)
    return form


def listed(me: Present, form: BeginForm) -> str:
    """The page of all changes."""
    living = or_(AddressChange.ended_at.is_(None), AddressChange.review_due.is_(True))
    with ground().database.read() as session:
        ours = select(AddressChange).join(Customer, Customer.id == AddressChange.customer_id)
        newest = ours.where(living, Customer.brand.in_(brands_of(me))).order_by(AddressChange.id.desc()).limit(MOST)
        changes, names = list(session.scalars(newest)), member.names(session)
    brands = {brand.id: brand.name for brand in site().brands}
    return page(
        me, "console/mailboxes.html", changes=changes, names=names, form=form, brand_names=brands, states=CHANGES
    )


def own_change(session: Session, me: Present, number: UUID) -> AddressChange | None:
    """The change, if its account is of a brand that this member works for."""
    of = select(AddressChange).join(Customer, Customer.id == AddressChange.customer_id)
    return session.scalar(of.where(AddressChange.id == number, Customer.brand.in_(brands_of(me))))


def moved(me: Present, number: UUID) -> tuple[str, int]:
    """The page of a change whose step was not taken."""
    return shown(me, number, late=True), 409


def shown(me: Present, number: UUID, tried: EvidenceForm | RecoveryForm | None = None, *, late: bool = False) -> str:
    """The page of one change."""
    keys, now, by = ground().keys, ground().clock(), me.member.actor
    with ground().database.read() as session:
        change = own_change(session, me, number) or abort(404)
        case, account = (session.get_one(Case, change.case_id), session.get_one(Customer, change.customer_id))
        names = member.names(session)
    elsewhere = case.claimed_by not in (None, by) and case.claimed_until is not None and case.claimed_until > now
    said = {"change": change, "number": show_number(case.number), "names": names, "moved": late, "states": CHANGES}
    said |= {"brand": site().brand(account.brand).name, "evidence": EVIDENCE, "tried": tried, "elsewhere": elsewhere}
    said |= {"new": new_address(keys, change).stored, "old": masks.address(customers.stored_address(keys, account))}
    said |= {"form": tried if isinstance(tried, EvidenceForm) else evidence_form(formdata=None)}
    said |= {"hurry": tried if isinstance(tried, RecoveryForm) else hurry_form(formdata=None)}
    said |= {"reasons": CHANGE.reasons, "hurry_reasons": SOONER.reasons}
    said |= {"may_review": change.review_due and by not in (change.agent, change.approved_by)}
    return page(me, "console/mailbox.html", **said)
