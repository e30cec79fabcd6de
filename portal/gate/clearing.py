"""Clearing: the company's own log-in says that an account has a new password, set there."""

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.gate import standing
from portal.gate.keys import Holder
from portal.gate.standing import Standing, State
from portal.reset import obligations, operations
from portal.sealing import KeyRing


class Overtaken(Exception):
    """The account's duties changed since the epoch that was named; holds how it stands."""

    def __init__(self, stands: Standing) -> None:
        super().__init__()
        self.stands = stands


def clear(session: Session, keys: KeyRing, holder: Holder, reference: str, epoch: int, *, now: datetime) -> Standing:
    """End an account's duties as they stood at this epoch; harmless where none is open. Raises Overtaken."""
    look = partial(standing.of_references, session.connection(), keys, holder.brand, [reference])
    before = look()[reference]
    if before.state != State.MUST_RESET or before.customer is None:
        return before
    if not obligations.settle_as_of(session, before.customer, epoch, obligations.BY_COMPANY, now=now):
        raise Overtaken(look()[reference])
    # Without a duty the store's own mark has to go too.
    operations.order(session, operations.RELEASE, before.customer, now=now)
    trail.record(session, Event.GATE_CLEARED, now=now, actor=holder.actor, subject=f"account:{before.customer}")
    return look()[reference]
