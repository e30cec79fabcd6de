"""Giving: who gets the next code; a UNIQUE decides that it is one for a person, an UPDATE that it is nobody else's."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.database import in_turn, inserted
from portal.enrolment import codes, grants, pools
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


def claim(session: Session, wish: Wish, *, day: date, now: datetime) -> Grant:
    """The person's grant, with a new code if there was none; raises PoolEmpty if none is free or others wait."""
    in_turn(session, _line(wish.offer), beside_others=True)
    grant = _open(session, wish, place=None, now=now)
    if grant is None:
        if found := grants.find(session, wish.person):
            return found
        raise PoolEmpty
    if not codes.take(session, pools.live(session, wish.offer, day), grant.id):
        raise PoolEmpty
    _record(session, Event.CODE_GRANTED, grant.id, wish.offer, now=now, actor=wish.actor)
    return grant


def join(session: Session, wish: Wish, *, day: date, now: datetime) -> Grant:
    """The person's grant: a code after all, or a place at the end of the line."""
    in_turn(session, _line(wish.offer))
    free = codes.is_any_free(session, pools.live(session, wish.offer, day))
    if grants.find(session, wish.person) or (free and not grants.first_waiting(session, wish.offer)):
        return claim(session, wish, day=day, now=now)
    place = grants.last_place(session, wish.offer) + 1
    grant = _open(session, wish, place=place, now=now)
    if grant is None:
        return grants.get(session, wish.person)
    _record(session, Event.CODE_AWAITED, grant.id, wish.offer, now=now, actor=wish.actor, place=place)
    return grant


def can_serve(session: Session, *, day: date) -> bool:
    """Whether somebody waits for a code of which one is left."""
    waited_for = grants.waited_for(session)
    return any(codes.is_any_free(session, pools.live(session, offer, day)) for offer in waited_for)


def serve(session: Session, *, day: date, now: datetime) -> Grant | None:
    """Give the next code to whoever waits longest for one; None where nobody waits, or nothing is left for them."""
    for offer in grants.waited_for(session):
        live = pools.live(session, offer, day)
        if codes.is_any_free(session, live):
            in_turn(session, _line(offer))
            grant = grants.first_waiting(session, offer)
            if grant and codes.take(session, live, grant.id):
                grant.granted_at = now
                _record(session, Event.CODE_GRANTED, grant.id, offer, now=now, actor=trail.WORKER)
                return grant
    return None


def reveal(
    session: Session, keys: KeyRing, grant: Grant, *, by: str = CUSTOMER, now: datetime
) -> tuple[str, date, str]:
    """The code of a grant, its last day, and how the one before it ended; written down (COD-05); raises SealBroken."""
    code = codes.of(session, grant.id)
    grants.note_shown(session, grant, now=now)
    _record(session, Event.CODE_REVEALED, grant.id, grant.offer, now=now, actor=by)
    last_day = session.get_one(pools.Pool, code.pool_id).expires
    return codes.read(keys, code), last_day, grant.instead_of or ""


def _open(session: Session, wish: Wish, *, place: int | None, now: datetime) -> Grant | None:
    """The person's new grant; None where there is one under any key, or a code would go past those who wait."""
    person, granted_at = wish.person, None if place else now
    values = {"key_id": person.key_id, "email_index": person.index, "offer": wish.offer, "origin": wish.origin}
    values |= {"id": fresh_id(), "locale": wish.locale, "asked_at": now, "place": place, "granted_at": granted_at}
    against = (grants.OF,) if place else (grants.OF, grants.IN_LINE)
    about = {"indexes": person.indexes, "offer": wish.offer}
    return Grant(**values) if inserted(session, Grant, against, about, **values) else None


def _line(offer: str) -> bytes:
    return sha256(f"codes of {offer}".encode()).digest()


def _record(
    session: Session, event: Event, grant: UUID, offer: str, *, now: datetime, actor: str = CUSTOMER, **said: int
) -> None:
    trail.record(session, event, now=now, actor=actor, subject=f"grant:{grant}", offer=offer, **said)
