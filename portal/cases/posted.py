"""Posted codes: a letter on paper to the home that the company knows; whoever types its code has read that letter."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases.proofing import CLAIMED, AddressChange, advance
from portal.limits import CODE_TRIES
from portal.sealing import KeyRing
from portal.tokens import fresh_code, read_code

LASTS = timedelta(days=30)
CODE = "posted code"


def issue(session: Session, keys: KeyRing, change: AddressChange, *, by: str, now: datetime) -> str:
    """A fresh code for the letter that is printed now; an older one ends. Raises ChangeMoved."""
    code = fresh_code()
    values = {"code_digest": keys.mac(CODE, str(change.id), code), "code_until": now + LASTS, "code_tries": 0}
    advance(session, change, CLAIMED, state=CLAIMED, **values)
    trail.record(session, Event.MAILBOX_POSTED, now=now, actor=by, subject=change.subject)
    return code


def awaited(session: Session, case_id: UUID, *, now: datetime) -> AddressChange | None:
    """The change of this case whose posted code did not come back yet."""
    waiting = select(AddressChange).where(AddressChange.case_id == case_id, AddressChange.state == CLAIMED)
    return session.scalar(waiting.where(AddressChange.code_until > now, AddressChange.posted_at.is_(None)))


def prove(session: Session, keys: KeyRing, case_id: UUID, typed: str, *, now: datetime) -> bool:
    """Whether this is the code of the letter; a wrong one is counted, and after five no code is good."""
    change, code = awaited(session, case_id, now=now), read_code(typed)
    if change is None or code is None:
        return False
    right = AddressChange.code_digest.in_(keys.macs(CODE, str(change.id), code).values())
    mine = (AddressChange.id == change.id, AddressChange.state == CLAIMED, AddressChange.posted_at.is_(None))
    tried = update(AddressChange).where(*mine, AddressChange.code_tries < CODE_TRIES)
    counted = tried.values(code_tries=AddressChange.code_tries + 1, posted_at=case((right, now), else_=None))
    proven = counted.returning(func.coalesce(right, False)).execution_options(synchronize_session=False)
    if not session.scalar(proven):
        return False
    trail.record(session, Event.MAILBOX_PROVED, now=now, actor="customer", subject=change.subject)
    return True
