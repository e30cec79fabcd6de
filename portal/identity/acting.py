"""Acting: whose accounts a visit is about; the visitor's own, or the one of somebody whom the visitor helps."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.identity import customers, helpers
from portal.identity.customers import Customer
from portal.identity.helpers import Helper, Scope
from portal.identity.visits import Visit
from portal.sealing import KeyRing

CUSTOMER = "customer"


def accounts_of(session: Session, visit: Visit, scope: Scope = Scope.ANSWER, *, now: datetime) -> list[Customer]:
    """The accounts that a visit is about, oldest first; none where its helper may not do this, or no longer."""
    if visit.acts_as is None:
        return customers.at_address(session, [visit.email_index])
    helper = helper_of(session, visit, now=now)
    account = customers.visible(session, helper.customer_id) if helper and scope in helper.scope else None
    return [account] if account else []


def helper_of(session: Session, visit: Visit, *, now: datetime) -> Helper | None:
    """As whose helper the visitor acts, or None."""
    helper = session.get(Helper, visit.acts_as) if visit.acts_as else None
    return helper if helper and helper.acts(now) else None


def choices(session: Session, visit: Visit, *, now: datetime) -> list[tuple[Helper, Customer]]:
    """For whom the visitor may act."""
    found = helpers.at_address(session, [visit.email_index], now=now)
    return [(one, session.get_one(Customer, one.customer_id)) for one in found]


def actor_of(visit: Visit) -> str:
    """What the trail calls whoever acts in this visit."""
    return f"helper:{visit.acts_as}" if visit.acts_as else CUSTOMER


def own_address(session: Session, keys: KeyRing, visit: Visit, *, now: datetime) -> str | None:
    """The address that was proven, as it is stored; None where nothing is left at it. Raises SealBroken."""
    if accounts := customers.at_address(session, [visit.email_index]):
        return customers.stored_address(keys, accounts[0])
    helping = helpers.at_address(session, [visit.email_index], now=now)
    return helpers.stored_address(keys, helping[0]) if helping else None
