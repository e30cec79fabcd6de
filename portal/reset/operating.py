"""Operating: the worker's side of store operations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.clock import Clock
from portal.database import Database
from portal.identity.customers import Customer, stored_reference
from portal.reset import obligations, operations
from portal.reset.operations import StoreOperation
from portal.reset.stores.protocol import AccountKey, Store
from portal.sealing import KeyRing


@dataclass(frozen=True)
class Operating:
    """Carries orders out; a password that was changed after `cut_off` is left in peace, unless staff wants it gone."""

    database: Database
    keys: KeyRing
    store: Store
    clock: Clock
    cut_off: datetime

    def step(self) -> bool:
        """Carry one order out; False where none is due. What the store raises leaves it queued."""
        now = self.clock()
        with self.database.write() as session:
            operation = operations.take(session, now=now)
            customer = session.get_one(Customer, operation.customer_id) if operation else None
            owes = bool(customer and obligations.owing(session, [customer.id]))
            cut_off = (obligations.cut_off(session, customer.id) if customer else None) or self.cut_off
        if operation is None or customer is None:
            return False
        key = AccountKey(customer.brand, stored_reference(self.keys, customer))
        needless = self._carry_out(operation, key, owes, cut_off)
        with self.database.write() as session:
            operations.done(session, operation, now=self.clock())
            if needless:
                self._settle(session, customer, needless, now)
            elif operation.kind == operations.EXPIRE and owes and not obligations.owing(session, [customer.id]):
                # It was settled while the store was told to expire it.
                operations.order(session, operations.RELEASE, customer.id, now=now)
        return True

    def _carry_out(self, operation: StoreOperation, key: AccountKey, owes: bool, cut_off: datetime) -> str | None:
        """Why the account need not reset after all, or None."""
        if operation.kind == operations.REVOKE:
            # A session that began after the new password was set is the owner's.
            self.store.revoke(key, now=operation.ordered_at)
        elif operation.kind == operations.RELEASE and not owes:
            self.store.release(key)
        elif operation.kind == operations.EXPIRE and owes:
            return self._expire(key, cut_off)
        return None

    def _settle(self, session: Session, customer: Customer, how: str, now: datetime) -> None:
        if obligations.settle(session, customer.id, how, now=now):
            subject = f"account:{customer.id}"
            trail.record(session, Event.RESET_NEEDLESS, now=now, actor=trail.WORKER, subject=subject, reason=how)

    def _expire(self, key: AccountKey, cut_off: datetime) -> str | None:
        """Why there is nothing to expire, or None where it was expired."""
        found = self.store.find(key)
        if found is None or not found.has_password:
            return obligations.NO_PASSWORD
        if found.changed_at and found.changed_at >= cut_off:
            return obligations.CHANGED_SINCE
        self.store.expire(key, before=cut_off)
        return None
