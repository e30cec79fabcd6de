"""Held: what a person has of the offer, as staff may know it: of a code no more than its last four signs (STF-06)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.enrolment import grants
from portal.enrolment.codes import Code
from portal.enrolment.grants import Grant
from portal.enrolment.pools import Pool
from portal.identity.customers import Customer, stored_address
from portal.sealing import KeyRing


@dataclass(frozen=True)
class Held:
    """A grant, how many wait before it, and of its code the end and the last day."""

    grant: Grant
    ahead: int
    last_four: str | None
    expires: date | None


def held_by(session: Session, keys: KeyRing, customer: Customer) -> Held | None:
    """What the person behind an account has, or None; raises SealBroken."""
    grant = grants.find(session, grants.person_at(keys, stored_address(keys, customer)))
    if grant is None:
        return None
    given = select(Code.last_four, Pool.expires).join(Pool, Pool.id == Code.pool_id)
    given = given.where(Code.grant_id == grant.id, Code.retired_at.is_(None))
    code = session.execute(given).one_or_none()
    ahead = grants.ahead_of(session, grant)
    return Held(grant, ahead, code.last_four, code.expires) if code else Held(grant, ahead, None, None)
