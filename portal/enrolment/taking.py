"""Taking: the next free code of an offer, oldest pool first; one UPDATE decides that nobody else gets it."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, bindparam, literal_column, select, update
from sqlalchemy.orm import Session, aliased

from portal.database import ONE
from portal.enrolment.codes import Code
from portal.enrolment.pools import LIVE, Pool

# Said in the statement rather than beside it.
NONE = literal_column("0", Integer)


def next_free(*allowed: ColumnElement[bool]) -> Select[tuple[UUID]]:
    """The next free code of `offer` on `day` past those that others hold, locked; no row if there is none."""
    code = aliased(Code)
    first = (
        select(code.id).where(code.pool_id == Pool.id, code.grant_id.is_(None), *allowed).order_by(code.id).limit(ONE)
    )
    locked = first.with_for_update(skip_locked=True).correlate(Pool).scalar_subquery()
    # OFFSET 0 keeps the question about it outside, or it would be asked of every pool.
    each = LIVE.with_only_columns(locked.label("code")).offset(NONE).subquery()
    return select(each.c.code).where(each.c.code.is_not(None)).limit(ONE)


ANY = LIVE.where(select(Code.id).where(Code.pool_id == Pool.id, Code.grant_id.is_(None)).exists()).limit(1)
TAKING = update(Code).where(Code.id == next_free().scalar_subquery()).values(grant_id=bindparam("grant", type_=Uuid()))


def is_any_free(session: Session, offer: str, day: date) -> bool:
    """Whether somebody could get a code; `day` as it is in the incident's zone."""
    return session.scalar(ANY, {"offer": offer, "day": day}) is not None


def take(session: Session, offer: str, day: date, grant: UUID) -> bool:
    """Give the next free code to a grant; False if none is free."""
    return session.connection().execute(TAKING, {"offer": offer, "day": day, "grant": grant}).rowcount == 1
