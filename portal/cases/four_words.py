"""Four words: what a proven visit can say aloud for ten minutes, so that an agent finds the record without a name."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.audit import trail
from portal.audit.events import Event
from portal.cases.phrases import fresh_phrase, read_phrase
from portal.database import Base, changed, inserted
from portal.identity.customers import ADDRESS_INDEX
from portal.limits import WORDS_PER_ADDRESS
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from portal.turns import in_turn

LIFETIME = timedelta(minutes=10)
SAID = "four words"


class TooManyWords(Exception):
    """This address was given words too often in the last hour."""


class FourWords(Base):
    """Four words of one address, known only by their keyed digest."""

    __tablename__ = "four_words"
    __table_args__ = (Index("ix_four_words_address", "email_index", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=keyed.digest("ends_at"))
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.index(ADDRESS_INDEX))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]


def give(session: Session, keys: KeyRing, email_index: bytes, *, visit: UUID, now: datetime) -> str:
    """New words for an address, which end its earlier ones; raises TooManyWords."""
    in_turn(session, email_index)
    _forget(session, now)
    mine = FourWords.email_index == email_index
    given = session.scalar(select(func.count(FourWords.id)).where(mine)) or 0
    if given >= WORDS_PER_ADDRESS.amount:
        raise TooManyWords
    changed(session, update(FourWords).where(mine, FourWords.ends_at > now).values(ends_at=now))
    trail.record(session, Event.WORDS_GIVEN, now=now, actor="customer", subject=str(visit))
    row = {"key_id": keys.current, "email_index": email_index, "made_at": now, "ends_at": now + LIFETIME}
    while True:
        phrase = fresh_phrase()
        if inserted(session, FourWords, id=fresh_id(), digest=keys.mac(SAID, phrase), **row):
            return phrase


def find(session: Session, keys: KeyRing, typed: str, *, now: datetime) -> bytes | None:
    """The index of the address whose words these are, while they hold; an agent's search counts and records itself."""
    digests = keys.macs(SAID, read_phrase(typed)).values()
    living = select(FourWords.email_index).where(FourWords.digest.in_(digests), FourWords.ends_at > now)
    return session.scalar(living)


def _forget(session: Session, now: datetime) -> None:
    # What is older than the limit looks back is of no use to anybody.
    old = now - timedelta(seconds=WORDS_PER_ADDRESS.per)
    session.execute(delete(FourWords).where(FourWords.made_at <= old))
