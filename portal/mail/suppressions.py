"""Suppressions: mailboxes that must not be written to for a while, because they bounced or their owner said so."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base
from portal.retention import Rule, rows
from portal.turns import in_turn

MAILBOX = "mailbox"
LIFETIME = timedelta(hours=24)
BOUNCED = "bounced"
UNWANTED = "unwanted"
STAFF = "staff"
DECEASED = "deceased"


class Suppression(Base):
    """One mailbox, known only by its keyed index, and until when."""

    __tablename__ = "suppression"

    mailbox: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, info=keyed.index(MAILBOX))
    reason: Mapped[str] = mapped_column(String(10), primary_key=True)
    until: Mapped[datetime]


def suppress(session: Session, mailbox: bytes, reason: str, *, now: datetime, lasts: timedelta = LIFETIME) -> None:
    """Write no letter to this mailbox for 24 hours, or for as long as is said."""
    in_turn(session, mailbox)
    session.merge(Suppression(mailbox=mailbox, reason=reason, until=now + lasts))


def lift(session: Session, mailbox: bytes, reason: str) -> None:
    """Letters may go out again."""
    session.execute(delete(Suppression).where(Suppression.mailbox == mailbox, Suppression.reason == reason))


def standing(session: Session, mailboxes: Collection[bytes], *, now: datetime) -> Sequence[Suppression]:
    """What stands against a mailbox now, given its index under each live key."""
    found = select(Suppression).where(Suppression.mailbox.in_(mailboxes), Suppression.until > now)
    return session.scalars(found.order_by(Suppression.reason)).all()


def reason_against(session: Session, mailboxes: Collection[bytes], *, now: datetime) -> str | None:
    """Why nothing may be sent to a mailbox now, given its index under each live key; or None."""
    return min(reasons_against(session, mailboxes, now=now).values(), default=None)


def reasons_against(session: Session, mailboxes: Collection[bytes], *, now: datetime) -> dict[bytes, str]:
    """Why nothing may be sent now to those of these mailboxes that are named in the answer."""
    found = select(Suppression.mailbox, Suppression.reason).order_by(Suppression.reason.desc())
    rows = session.execute(found.where(Suppression.mailbox.in_(mailboxes), Suppression.until > now))
    return {row.mailbox: row.reason for row in rows}


def rule() -> Rule:
    """What stands against no mailbox any more."""
    return rows("stops of letters that are over", Suppression, lambda now: Suppression.until <= now)
