"""Giving: who gets the next code; a UNIQUE decides that it is one for a person, an UPDATE that it is nobody else's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.database import Database, inserted
from portal.enrolment import codes, grants, outright, pools, taking
from portal.enrolment.grants import Grant, Person
from portal.sealing import KeyRing
from portal.tokens import fresh_id

CUSTOMER = "customer"


class PoolEmpty(Exception):
    """No code can be given at once; the transaction must be undone, and the person may join the line."""


@dataclass(frozen=True)
class Wish:
    """Who wants a code of which offer, asked for where and in which language."""

    person: Person
    offer: str
    origin: str
    locale: str
    actor: str = CUSTOMER


def give(database: Database, wish: Wish, *, day: date, now: datetime) -> Grant | None:
    """The person's new grant with its code, by one statement; None where the database or the case asks for several."""
    if database.is_sqlite:
        return None
    values = _values(wish, now)
    about = _about(values["id"], wish.offer, wish.actor, now)
    with database.say() as line:
        given = outright.give(line, wish.person.indexes, values, about, day=day)
    return Grant(**values) if given else None


def claim(session: Session, wish: Wish, *, day: date, now: datetime) -> Grant:
    """The person's grant, with a new code if there was none; raises PoolEmpty if none is free or others wait."""
    values = _values(wish, now)
    pools.in_line(session, wish.offer, beside_others=True)
    if not _open(session, wish.person, values):
        if found := grants.find(session, wish.person):
            return found
        raise PoolEmpty
    if not taking.take(session, wish.offer, day, values["id"]):
        raise PoolEmpty
    trail.record(session, Event.CODE_GRANTED, **_about(values["id"], wish.offer, wish.actor, now))
    return Grant(**values)


def join(session: Session, wish: Wish, *, day: date, now: datetime) -> Grant:
    """The person's grant: a code after all, or a place at the end of the line."""
    pools.in_line(session, wish.offer)
    free = taking.is_any_free(session, wish.offer, day)
    if grants.find(session, wish.person) or (free and not grants.first_waiting(session, wish.offer)):
        return claim(session, wish, day=day, now=now)
    place = grants.last_place(session, wish.offer) + 1
    values = _values(wish, now) | {"place": place, "granted_at": None}
    if not _open(session, wish.person, values):
        return grants.get(session, wish.person)
    about = _about(values["id"], wish.offer, wish.actor, now)
    trail.record(session, Event.CODE_AWAITED, **about, place=place)
    return Grant(**values)


def can_serve(session: Session, *, day: date) -> bool:
    """Whether somebody waits for a code of which one is left."""
    waited_for = grants.waited_for(session)
    return any(taking.is_any_free(session, offer, day) for offer in waited_for)


def serve(session: Session, *, day: date, now: datetime) -> Grant | None:
    """Give the next code to whoever waits longest for one; None where nobody waits, or nothing is left for them."""
    for offer in grants.waited_for(session):
        if taking.is_any_free(session, offer, day):
            pools.in_line(session, offer)
            grant = grants.first_waiting(session, offer)
            if grant and taking.take(session, offer, day, grant.id):
                grant.granted_at = now
                trail.record(session, Event.CODE_GRANTED, **_about(grant.id, offer, trail.WORKER, now))
                return grant
    return None


def reveal(
    session: Session, keys: KeyRing, grant: Grant, *, by: str = CUSTOMER, now: datetime
) -> tuple[str, date, str]:
    """The code of a grant, its last day, and how the one before it ended; written down (COD-05); raises SealBroken."""
    code = codes.of(session, grant.id)
    grants.note_shown(session, grant, now=now)
    trail.record(session, Event.CODE_REVEALED, **_about(grant.id, grant.offer, by, now))
    last_day = session.get_one(pools.Pool, code.pool_id).expires
    return codes.read(keys, code), last_day, grant.instead_of or ""


def _values(wish: Wish, now: datetime) -> dict[str, Any]:
    said = {"key_id": wish.person.key_id, "email_index": wish.person.index, "offer": wish.offer, "origin": wish.origin}
    return said | {"id": fresh_id(), "locale": wish.locale, "asked_at": now, "granted_at": now}


def _open(session: Session, person: Person, values: dict[str, Any]) -> bool:
    # Not where there is one under any key, or where a code would go past those who wait.
    against = (grants.OF, grants.IN_LINE) if values["granted_at"] else (grants.OF,)
    return inserted(session, Grant, against, {"indexes": person.indexes, "offer": values["offer"]}, **values)


def _about(grant: UUID, offer: str, actor: str, now: datetime) -> dict[str, Any]:
    return {"now": now, "actor": actor, "subject": f"grant:{grant}", "offer": offer}
