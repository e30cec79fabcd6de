"""Aftermath: what a restored database must not do as if nothing had happened since its backup."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.database import changed
from portal.enrolment.pools import Pool
from portal.gate import feed
from portal.identity import links
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.mail import outbox
from portal.mail.outbox import Letter
from portal.members.sessions import MemberSession


@dataclass(frozen=True)
class Aftermath:
    """How many letters may go out a second time, and how many pools were halted."""

    letters: int
    pools: int


def settle(session: Session, *, now: datetime) -> Aftermath:
    """End what may be spent or over by now, halt the codes, and mark the letters that may have gone out already."""
    sent = update(LinkRequest).where(LinkRequest.state == links.SENT)
    changed(session, sent.values(state=links.REVOKED))
    for table in (Visit, MemberSession):
        changed(session, update(table).where(table.ended_at.is_(None)).values(ended_at=now))
    waiting = update(Letter).where(Letter.state.in_(outbox.OPEN))
    letters = changed(session, waiting.values(possibly_repeated=True))
    feed.begin_era(session)
    pools = changed(session, update(Pool).where(Pool.halted_at.is_(None)).values(halted_at=now))
    return Aftermath(letters, pools)
