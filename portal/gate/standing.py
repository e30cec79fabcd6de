"""Standing: whether an account must set a new password before it may log in, and since when."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Row, Table, bindparam, select
from sqlalchemy.orm import Session

from portal.identity.customers import REFERENCE_INDEX, Customer
from portal.reset.obligations import Obligation
from portal.sealing import KeyRing


class State(StrEnum):
    """How an account stands."""

    MUST_RESET = "must_reset"
    CLEARED = "cleared"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True)
class Standing:
    """A state, since when; `epoch` grows with each change of the account's duties, and never shrinks."""

    state: State
    epoch: int
    since: datetime | None
    customer: UUID | None = None


NOT_LISTED = Standing(State.NOT_LISTED, 0, None)
Owed = tuple[int, datetime, datetime | None]  # epoch, since when, settled when

# Put together once, of plain tables: each look-up of a log-in waits for this.
ACCOUNT, DUTY = cast(Table, Customer.__table__), cast(Table, Obligation.__table__)
DUTIES = select(ACCOUNT.c.ref_index, ACCOUNT.c.id, DUTY.c.epoch, DUTY.c.since, DUTY.c.settled_at).join_from(
    ACCOUNT, DUTY
)
BY_REFERENCE = DUTIES.where(
    ACCOUNT.c.brand == bindparam("brand"),
    ACCOUNT.c.key_id.in_(bindparam("key_ids", expanding=True)),
    ACCOUNT.c.ref_index.in_(bindparam("indexes", expanding=True)),
)
# A list of one costs a tenth of the whole answer, and most questions are of one.
BY_ONE = DUTIES.where(
    ACCOUNT.c.brand == bindparam("brand"),
    ACCOUNT.c.key_id == bindparam("key_id"),
    ACCOUNT.c.ref_index == bindparam("index"),
)
BY_CUSTOMER = DUTIES.where(ACCOUNT.c.id.in_(bindparam("customers", expanding=True)))


def of_references(line: Connection, keys: KeyRing, brand: str, references: Collection[str]) -> dict[str, Standing]:
    """How the brand's accounts with these references stand, unknown ones included; one query."""
    meant = {index: one for one in references for index in keys.macs(REFERENCE_INDEX, brand, one).values()}
    said: dict[str, object] = {"brand": brand, "key_ids": list(keys.masters), "indexes": list(meant)}
    if len(meant) == 1:
        said = {"brand": brand, "key_id": keys.current, "index": next(iter(meant))}
    rows = line.execute(BY_ONE if len(meant) == 1 else BY_REFERENCE, said)
    told = {meant[index]: stands for index, stands in _gathered(rows)}
    return {one: told.get(one, NOT_LISTED) for one in references}


def of_customers(session: Session, customers: Collection[UUID]) -> dict[UUID, Standing]:
    """How these accounts stand; one query."""
    found = _gathered(session.connection().execute(BY_CUSTOMER, {"customers": list(customers)}))
    return {stands.customer: stands for _, stands in found if stands.customer}


def _gathered(rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[tuple[bytes, Standing]]:
    held: defaultdict[tuple[bytes, UUID], list[Owed]] = defaultdict(list)
    for index, customer, *owed in rows:
        held[index, customer].append(cast(Owed, owed))
    return ((index, _standing(customer, owed)) for (index, customer), owed in held.items())


def _standing(customer: UUID, owed: Sequence[Owed]) -> Standing:
    epoch = sum(one for one, _, _ in owed)
    still = [since for _, since, settled_at in owed if settled_at is None]
    if still:
        return Standing(State.MUST_RESET, epoch, min(still), customer)
    return Standing(State.CLEARED, epoch, max(settled_at for _, _, settled_at in owed if settled_at), customer)
