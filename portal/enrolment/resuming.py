"""Resuming: a pool that came back from a backup gives codes again, without those that the provider knows as used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.database import changed
from portal.enrolment import codes
from portal.enrolment.codes import AT_ONCE, Code
from portal.enrolment.pools import Pool, in_line
from portal.sealing import KeyRing


@dataclass(frozen=True)
class Resumed:
    """How many pools go on, and how many codes left them, because somebody uses them already."""

    pools: int
    removed: int


def resume(session: Session, keys: KeyRing, used: Iterable[str], *, actor: str, now: datetime) -> Resumed:
    """Let the halted pools give codes again, but nobody those that are used."""
    found = session.execute(select(Pool.id, Pool.offer).where(Pool.halted_at.is_not(None)).with_for_update()).all()
    halted = [pool for pool, _ in found]
    in_line(session, *{offer for _, offer in found})
    macs = [mac for code in used for mac in keys.macs(codes.SAME, codes.folded(code)).values()]
    removed = 0
    for start in range(0, len(macs), AT_ONCE):
        free = (Code.pool_id.in_(halted), Code.grant_id.is_(None), Code.code_mac.in_(macs[start : start + AT_ONCE]))
        removed += changed(session, delete(Code).where(*free))
    changed(session, update(Pool).where(Pool.id.in_(halted)).values(halted_at=None))
    for pool in halted:
        trail.record(session, Event.CODES_RESUMED, now=now, actor=actor, subject=f"pool:{pool}", removed=removed)
    return Resumed(len(halted), removed)
