"""Operating: the worker's side of store operations, a few at a time."""

from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.clock import Clock
from portal.database import Database
from portal.identity.customers import Customer, stored_reference
from portal.reset import obligations, operations
from portal.reset.operations import StoreOperation
from portal.reset.stores.protocol import AccountKey, Store, StoreBusy, StoredAccount, StoreUncertain, TakesMany
from portal.sealing import KeyRing

A_LINE = 8  # orders that one line to the store carries out between two looks at the queue
AT_ONCE = 250  # and so many where the store takes many: a few hundredths of a second, in which nobody else writes
BUDGET_SECONDS = 15.0  # with the store's ten it stays below the lease
log = structlog.get_logger()


@dataclass(frozen=True)
class Task:
    """An order, whom it is about, and what holds for the account now."""

    operation: StoreOperation
    customer: Customer
    owes: bool
    cut_off: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of a task: why the account need not reset after all, or what stood in the way."""

    task: Task
    needless: str | None = None
    trouble: Exception | None = None

    @property
    def seconds(self) -> float:
        """How long the store asks us to wait before anything else."""
        return getattr(self.trouble, "seconds", 0.0)


@dataclass
class Operating:
    """Carries orders out; a password that was changed after `cut_off` is left in peace, unless staff wants it gone.

    With several `lines` so many calls to the store are open at a time, each about another account.
    """

    database: Database
    keys: KeyRing
    store: Store
    clock: Clock
    cut_off: datetime
    lines: int = 1
    rests_until: datetime | None = field(default=None, init=False)
    _pool: ThreadPoolExecutor | None = field(default=None, init=False, repr=False)

    def look(self) -> bool:
        """Whether there is anything to do now: a store that is away is left alone for a while."""
        now = self.clock()
        if self.rests_until and now < self.rests_until:
            return False
        with self.database.read() as session:
            return operations.is_any_due(session, now=now)

    def step(self) -> bool:
        """Carry some orders out; False where none was. What the store did not do is due again later."""
        tasks = self._take()
        outcomes = self._each(tasks)
        with self.database.write() as session:
            now = self.clock()
            done = [outcome for outcome in outcomes if not outcome.trouble]
            operations.done(session, [outcome.task.operation.id for outcome in done], now=now)
            owing = obligations.owing(session, [outcome.task.customer.id for outcome in done])
            for outcome in outcomes:
                self._follow(session, outcome, owing, now)
        if wait := max((outcome.seconds for outcome in outcomes), default=0):
            self.rests_until = now + timedelta(seconds=wait)
        return bool(done)

    def _take(self) -> list[Task]:
        now = self.clock()
        with self.database.write() as session:
            most = AT_ONCE if isinstance(self.store, TakesMany) else self.lines * A_LINE
            taken = operations.take(session, most=most, now=now)
            whom = [operation.customer_id for operation in taken]
            owing, wanted = obligations.owing(session, whom), obligations.cut_offs(session, whom)
            people = {one.id: one for one in session.scalars(select(Customer).where(Customer.id.in_(whom)))}
        return [
            Task(operation, people[who], who in owing, wanted.get(who, self.cut_off))
            for operation, who in zip(taken, whom, strict=True)
        ]

    def _each(self, tasks: list[Task]) -> list[Outcome]:
        until = monotonic() + BUDGET_SECONDS
        if isinstance(self.store, TakesMany):
            usual = [task for task in tasks if self._is_usual(task)]
            others = [self._try(task, until) for task in tasks if not self._is_usual(task)]
            return self._try_all(self.store, usual, until) + others
        if self.lines == 1:
            return [self._try(task, until) for task in tasks]
        self._pool = self._pool or ThreadPoolExecutor(self.lines, "store")
        return list(self._pool.map(lambda task: self._try(task, until), tasks))

    def _try(self, task: Task, until: float) -> Outcome:
        if monotonic() > until:
            return Outcome(task, trouble=StoreBusy())
        try:
            return Outcome(task, needless=self._carry_out(task))
        except (StoreUncertain, StoreBusy) as trouble:
            return Outcome(task, trouble=trouble)
        except Exception as fault:  # one order that cannot be carried out must not stop those behind it
            log.error("order:failed", kind=task.operation.kind, error=type(fault).__name__)
            return Outcome(task, trouble=fault)

    def _try_all(self, store: TakesMany, tasks: list[Task], until: float) -> list[Outcome]:
        try:
            found = store.expire_all([self._key(task) for task in tasks], before=self.cut_off) if tasks else []
        except (StoreUncertain, StoreBusy) as trouble:
            return [Outcome(task, trouble=trouble) for task in tasks]
        except Exception:  # one of them stands in the way of all
            return [self._try(task, until) for task in tasks]
        return [Outcome(task, needless=_needless(one, self.cut_off)) for task, one in zip(tasks, found, strict=True)]

    def _is_usual(self, task: Task) -> bool:
        return (task.operation.kind, task.owes, task.cut_off) == (operations.EXPIRE, True, self.cut_off)

    def _key(self, task: Task) -> AccountKey:
        return AccountKey(task.customer.brand, stored_reference(self.keys, task.customer))

    def _carry_out(self, task: Task) -> str | None:
        """Why the account need not reset after all, or None."""
        operation, key = task.operation, self._key(task)
        if operation.kind == operations.REVOKE:
            # A session that began after the new password was set is the owner's.
            self.store.revoke(key, now=operation.ordered_at)
        elif operation.kind == operations.RELEASE and not task.owes:
            self.store.release(key)
        elif operation.kind == operations.EXPIRE and task.owes:
            return self._expire(key, task.cut_off)
        return None

    def _expire(self, key: AccountKey, cut_off: datetime) -> str | None:
        """Why there is nothing to expire, or None where it was expired."""
        needless = _needless(self.store.find(key), cut_off)
        if needless is None:
            self.store.expire(key, before=cut_off)
        return needless

    def _follow(self, session: Session, outcome: Outcome, owing: Container[UUID], now: datetime) -> None:
        operation, customer = outcome.task.operation, outcome.task.customer.id
        if outcome.trouble:
            pause = max(operations.pause_after(operation.takes), timedelta(seconds=outcome.seconds))
            operations.put_back(session, operation, due_at=now + pause)
        elif outcome.needless:
            self._settle(session, customer, outcome.needless, now)
        elif operation.kind == operations.EXPIRE and outcome.task.owes and customer not in owing:
            # It was settled while the store was told to expire it.
            operations.order(session, operations.RELEASE, customer, now=now)

    def _settle(self, session: Session, customer: UUID, how: str, now: datetime) -> None:
        if obligations.settle(session, customer, how, now=now):
            subject = f"account:{customer}"
            trail.record(session, Event.RESET_NEEDLESS, now=now, actor=trail.WORKER, subject=subject, reason=how)


def _needless(found: StoredAccount | None, cut_off: datetime) -> str | None:
    """Why an account as the store found it need not reset after all, or None."""
    if found is None or not found.has_password:
        return obligations.NO_PASSWORD
    return obligations.CHANGED_SINCE if found.changed_at and found.changed_at >= cut_off else None
