"""Setting: what is written down once the store has answered, or has not."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.identity.customers import Customer
from portal.reset import obligations, operations
from portal.reset.subjects import Subject


def was_set(session: Session, customer: Customer, *, by: str, now: datetime) -> None:
    """The store said so: the duty ends, and so do the sessions in the product."""
    obligations.settle(session, customer.id, obligations.BY_CUSTOMER, now=now)
    operations.order(session, operations.REVOKE, customer.id, now=now)
    trail.record(session, Event.RESET_DONE, now=now, actor=by, subject=f"account:{customer.id}")


def is_uncertain(session: Session, subject: Subject, *, by: str, now: datetime) -> None:
    """The store said nothing: the duty stays, and the worker looks later whether it has become needless."""
    customer = subject.customer.id
    if subject.owes:
        operations.order(session, operations.EXPIRE, customer, now=now)
        operations.order(session, operations.REVOKE, customer, now=now)
    trail.record(session, Event.RESET_UNCERTAIN, now=now, actor=by, subject=f"account:{customer}")
