"""Revisions: numbered, immutable statements of what we know, each pinning the incident file it was made under."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base

DRAFT = "DRAFT"
COMMITTED = "COMMITTED"
IS_DRAFT = text("state = 'DRAFT'")


class ArchivedFile(Base):
    """An incident file with its words, as it stood when a revision was made under it."""

    __tablename__ = "archived_file"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    archived_at: Mapped[datetime]


class Revision(Base):
    """One statement of who was affected; a draft is seen by nobody until one UPDATE commits it.

    `contents` is the digest of a draft that is loaded whole and waits for a second person; `loaded` is how many
    accounts of its list are written, in the order of their indexes under the key `key_id`.
    """

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint("state in ('DRAFT', 'COMMITTED')", name="state"),
        CheckConstraint("(state = 'COMMITTED') = (committed_at is not null)", name="committed"),
        Index("uq_revision_one_draft", "state", unique=True, sqlite_where=IS_DRAFT, postgresql_where=IS_DRAFT),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    file_digest: Mapped[str] = mapped_column(ForeignKey(ArchivedFile.digest))
    list_digest: Mapped[str] = mapped_column(String(64))
    accounts: Mapped[int]
    loaded: Mapped[int] = mapped_column(default=0, server_default="0")
    key_id: Mapped[int | None] = mapped_column(SmallInteger)
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(String(80))
    committed_at: Mapped[datetime | None]
    contents: Mapped[str | None] = mapped_column(String(64))
    alone: Mapped[bool] = mapped_column(default=True)


def current_number(session: Session) -> int:
    """The number of the latest committed revision; 0 before the first."""
    return session.scalar(select(func.max(Revision.number)).where(Revision.state == COMMITTED)) or 0
