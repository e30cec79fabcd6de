"""Pools: the codes of one file from the provider, for one offer, good until one day."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import CheckConstraint, Index, SmallInteger, String, bindparam, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit import trail
from portal.audit.events import Event
from portal.database import Base, changed
from portal.enrolment.codes import Code
from portal.tokens import fresh_id
from portal.turns import in_turn

ALARMS = (5, 20)  # percent left, the graver one first (COD-06)
log = structlog.get_logger()


class Pool(Base):
    """One loaded file; gives codes once it is open. `alone`: nobody else agreed; `told`: the last alarm for it.

    `halted_at`: it came back from a backup, so what is free in it may be somebody's already.
    """

    __tablename__ = "pool"
    __table_args__ = (
        CheckConstraint("codes > 0", name="codes"),
        CheckConstraint("told in (5, 20)", name="told"),
        Index("ix_pool_offer", "offer"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    offer: Mapped[str] = mapped_column(String(40))
    expires: Mapped[date]
    file_digest: Mapped[str] = mapped_column(String(64), unique=True)
    codes: Mapped[int]
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime | None]
    halted_at: Mapped[datetime | None]
    alone: Mapped[bool] = mapped_column(default=True)
    told: Mapped[int | None] = mapped_column(SmallInteger)


LIVE = (
    select(Pool.id)
    .where(Pool.offer == bindparam("offer"), Pool.expires >= bindparam("day"))
    .where(Pool.opened_at.is_not(None), Pool.halted_at.is_(None))
    .order_by(Pool.id)
)


@dataclass(frozen=True)
class Stock:
    """One pool, how many of its codes nobody has yet, and how many were given and taken back for ever."""

    pool: Pool
    left: int
    retired: int

    def gives(self, day: date) -> bool:
        """Whether its codes can be given: it is open, not halted, and not over on this day."""
        return self.pool.opened_at is not None and self.pool.halted_at is None and self.pool.expires >= day


def line_of(offer: str) -> bytes:
    """The name of the line before an offer."""
    return sha256(f"codes of {offer}".encode()).digest()


def in_line(session: Session, *offers: str, beside_others: bool = False) -> None:
    """Wait for the lines of these offers: who joins, and who lets codes become free, does so alone until commit."""
    for line in sorted(map(line_of, offers)):
        in_turn(session, line, beside_others=beside_others)


def stock(session: Session) -> list[Stock]:
    """Every pool, oldest first, with what is left of it."""
    free = select(func.count(Code.id)).where(Code.pool_id == Pool.id, Code.grant_id.is_(None)).scalar_subquery()
    gone = select(Code.pool_id, func.count()).where(Code.retired_at.is_not(None)).group_by(Code.pool_id)
    retired = dict(session.execute(gone).all())
    rows = session.execute(select(Pool, free).order_by(Pool.id))
    return [Stock(pool, left, retired.get(pool.id, 0)) for pool, left in rows]


def alarm(session: Session, *, day: date, now: datetime) -> None:
    """Raise the alarm, once each, for offers of which a fifth or a twentieth of the codes is left."""
    held: dict[str, list[Stock]] = {}
    for one in stock(session):
        if one.gives(day):
            held.setdefault(one.pool.offer, []).append(one)
    for offer, pools in held.items():
        _alarm(session, offer, pools, now)


def _alarm(session: Session, offer: str, pools: list[Stock], now: datetime) -> None:
    left, all_of_them = sum(one.left for one in pools), sum(one.pool.codes for one in pools)
    level = next((percent for percent in ALARMS if left * 100 <= all_of_them * percent), None)
    if level is None:
        return
    # A pool that was loaded since the last alarm has told of none.
    untold = or_(Pool.told.is_(None), Pool.told > level)
    told = update(Pool).where(Pool.id.in_([one.pool.id for one in pools]), untold).values(told=level)
    if changed(session, told):
        said = {"percent": level, "left": left, "codes": all_of_them}
        trail.record(session, Event.CODES_LOW, now=now, actor=trail.WORKER, subject=f"offer:{offer}", **said)
        log.warning("codes:low", offer=offer, **said)
