"""Outright: on PostgreSQL a grant, its code and the event are one statement, and no lock waits for our next word."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Uuid, bindparam, func, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql.dml import ReturningInsert

from portal.audit import trail
from portal.audit.events import Event
from portal.database import ONE, addition, as_new
from portal.enrolment import grants
from portal.enrolment.codes import Code
from portal.enrolment.grants import Grant
from portal.enrolment.pools import line_of
from portal.enrolment.taking import next_free
from portal.turns import number_of

COLUMNS = ("id", "key_id", "email_index", "offer", "origin", "locale", "asked_at", "granted_at")


def _said() -> ReturningInsert[tuple[int]]:
    # It sees what was committed before it began. That is enough: codes become free only in the line's turn, so whoever
    # sees them sees everybody who joined the line before; and where that turn must be waited for, nothing is given.
    turn = select(func.pg_try_advisory_xact_lock_shared(bindparam("line", type_=BigInteger))).scalar_subquery()
    free = next_free(turn).cte("free")
    adding = addition("postgresql", Grant, COLUMNS, (grants.OF, grants.IN_LINE), (free,))
    given = adding.returning(Grant.id).cte("given")
    chosen = select(free.c.code).where(select(given.c.id).exists()).scalar_subquery()
    taking = update(Code).where(Code.id == chosen).values(grant_id=bindparam("new_id", type_=Uuid()))
    return trail.recording(taking.returning(Code.id).cte("taken")).returning(ONE)


GIVING = _said()


def give(
    line: Connection, indexes: Collection[bytes], values: Mapping[str, Any], about: Mapping[str, Any], *, day: date
) -> bool:
    """Add this grant with the next free code; False where it must be asked for step by step, and nothing was done."""
    said = trail.said(Event.CODE_GRANTED, **about)
    where = {"line": number_of(line_of(values["offer"])), "offer": values["offer"], "day": day, "indexes": indexes}
    asked = where | as_new(values) | {f"said_{name}": value for name, value in said.items()}
    return line.execute(GIVING, asked).first() is not None
