"""Four words: what a proven visit can say aloud for ten minutes, so that an agent finds the record without a name."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.tokens import fresh_id

LIFETIME = timedelta(minutes=10)
SAID = "four words"


class FourWords(Base):
    """Four words of one address, known only by their keyed digest."""

    __tablename__ = "four_words"
    __table_args__ = (Index("ix_four_words_address", "email_index", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
