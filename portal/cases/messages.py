"""Messages: what was said in a case, sealed; notes are the staff's own, and no customer sees them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.cases.case import Case
from portal.database import Base
from portal.sealing import KeyRing
from portal.tokens import fresh_id

BODY = "case message"
CUSTOMER, ANSWER, NOTE = "CUSTOMER", "ANSWER", "NOTE"
LONGEST = 4000
# Controls, and the signs that turn the order of letters around: nobody means them, and they can hide what is said.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MANY_BLANKS = re.compile(r"\n{3,}")


class Message(Base):
    """One message; `seq` is the version of the case that it made."""

    __tablename__ = "case_message"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        CheckConstraint(f"kind in ('{CUSTOMER}', '{ANSWER}', '{NOTE}')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    seq: Mapped[int]
    author: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(BODY, "case_id"))
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Said:
    """One message, opened."""

    kind: str
    author: str
    text: str
    at: datetime


def tidy(text: str) -> str:
    """The text without signs that cannot be seen, and with no more than one empty line at a time."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return MANY_BLANKS.sub("\n\n", UNSEEN.sub("", unicodedata.normalize("NFC", lines))).strip()


def add(
    session: Session, keys: KeyRing, case: UUID, version: int, *, kind: str, author: str, text: str, now: datetime
) -> None:
    """Put a message into a case, whose version has just become this one."""
    row = fresh_id()
    sealed = keys.seal(BODY, row, text, case)
    session.add(
        Message(id=row, case_id=case, seq=version, author=author, kind=kind, body_sealed=sealed, created_at=now)
    )


def of(session: Session, keys: KeyRing, case: UUID, *, notes: bool = False) -> list[Said]:
    """What was said in a case, oldest first; notes are for the staff. Raises SealBroken."""
    kinds = (CUSTOMER, ANSWER, NOTE) if notes else (CUSTOMER, ANSWER)
    rows = session.scalars(select(Message).where(Message.case_id == case, Message.kind.in_(kinds)))
    return [_opened(keys, row) for row in sorted(rows, key=lambda row: row.seq)]


def _opened(keys: KeyRing, row: Message) -> Said:
    text = keys.unseal(BODY, row.id, row.body_sealed, row.case_id)
    return Said(row.kind, row.author, text, row.created_at)
