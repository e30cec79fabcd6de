"""The figures of resets: how many are owed, how many are done, and whether the identity store keeps up."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.figures import Figure, seconds_since
from portal.reset.obligations import BY_COMPANY, BY_CUSTOMER, CHANGED_SINCE, NO_PASSWORD, WITHDRAWN, Obligation
from portal.reset.operations import QUEUED, StoreOperation

OPEN = "open"
ENDS = (OPEN, BY_CUSTOMER, BY_COMPANY, CHANGED_SINCE, NO_PASSWORD, WITHDRAWN)


def count(session: Session, now: datetime) -> Iterator[Figure]:
    """Resets that are open, or settled and by what; and the wait of the oldest due order to the store."""
    found = session.execute(select(Obligation.settled_by, func.count()).group_by(Obligation.settled_by)).all()
    held = dict.fromkeys(ENDS, 0.0) | {how or OPEN: float(number) for how, number in found}
    yield Figure("portal_resets", "Forced resets: open, or by what they were settled.", by="end", values=held)
    due = select(func.min(StoreOperation.due_at)).where(StoreOperation.state == QUEUED, StoreOperation.due_at <= now)
    says = "Seconds that the oldest due order to the identity store has waited."
    yield Figure("portal_store_lag_seconds", says, seconds_since(session.scalar(due), now))
