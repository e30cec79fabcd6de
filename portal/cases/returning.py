"""Coming back: a case opens to its number and its phrase; ten wrong ones, and the number rests for an hour."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, not_, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cases.case import Case, read_number
from portal.cases.opening import PHRASE
from portal.cases.phrases import read_phrase
from portal.limits import PHRASES_PER_CASE
from portal.sealing import KeyRing


class ReturnRefused(Exception):
    """There is no such number, or these are not its words, or it rests; nobody outside learns which."""


def come_back(session: Session, keys: KeyRing, number: str, phrase: str, *, now: datetime) -> UUID | None:
    """The case that a number and its phrase open, or None, having counted; one UPDATE decides.

    The same statements run whether or not there is a case of this number.
    """
    number, phrase = read_number(number), read_phrase(phrase)
    right = Case.phrase_digest.in_(keys.macs(PHRASE, number, phrase).values())
    lately = Case.wrong_at > now - timedelta(seconds=PHRASES_PER_CASE.per)
    rests = and_(Case.wrong_phrases >= PHRASES_PER_CASE.amount, lately)
    tried = update(Case).where(Case.number == number, not_(rests))
    counted = tried.values(
        wrong_phrases=case((right, 0), (lately, Case.wrong_phrases + 1), else_=1),
        wrong_at=case((right, None), else_=now),
    )
    found = session.execute(
        counted.returning(Case.id, right), execution_options={"synchronize_session": False}
    ).one_or_none()
    opened: UUID | None = found[0] if found and found[1] else None
    event, subject = (Event.CASE_READ, f"case:{opened}") if opened else (Event.CASE_REFUSED, number or "unnamed")
    trail.record(session, event, now=now, actor="visitor", subject=subject)
    return opened
