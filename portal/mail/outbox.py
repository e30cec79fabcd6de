"""The outbox: letters as queue and evidence in one table; SENDING before the mail server's DATA, SENT after its 250."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    delete,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.mail.suppressions import MAILBOX
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_public_id

QUEUED, SENDING, SENT = "QUEUED", "SENDING", "SENT"
FAILED, BOUNCED, DROPPED = "FAILED", "BOUNCED", "DROPPED"
OPEN = (QUEUED, SENDING)

# Somebody waits at a browser for the first kind, and for days for the second; each overtakes all after it.
INTERACTIVE, AWAITED, BULK = 0, 5, 9

RECIPIENT, CONTENT = "letter recipient", "letter content"


class Letter(Base):
    """One letter to one mailbox; `content` holds its secrets, sealed, until the mail server has them."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("state in ('QUEUED', 'SENDING', 'SENT', 'FAILED', 'BOUNCED', 'DROPPED')", name="state"),
        CheckConstraint("state in ('QUEUED', 'SENDING') or content_sealed is null", name="secrets_erased"),
        Index(
            "ix_letter_due",
            "priority",
            "due_at",
            sqlite_where=text("state in ('QUEUED', 'SENDING')"),
            postgresql_where=text("state in ('QUEUED', 'SENDING')"),
        ),
        Index("ix_letter_about", "about"),
        Index("ix_letter_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[UUID]
    origin: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(12))
    priority: Mapped[int] = mapped_column(SmallInteger)
    mailbox: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.index(MAILBOX, "to_sealed", leads=False))
    to_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(RECIPIENT))
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=keyed.sealed(CONTENT))
    state: Mapped[str] = mapped_column(String(8), default=QUEUED)
    takes: Mapped[int] = mapped_column(default=0)  # how often taken and not given back; tells its takers apart
    refusals: Mapped[int] = mapped_column(default=0)
    possibly_repeated: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str] = mapped_column(String(250))
    answer: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


def enqueue(
    session: Session, keys: KeyRing, letter: Letter, *, to: str, content: dict[str, str], domain: str, now: datetime
) -> None:
    """Put a letter in the queue: recipient and content sealed to its row, its Message-ID fixed for every repetition."""
    letter.id = fresh_id()
    letter.to_sealed = keys.seal(RECIPIENT, letter.id, to)
    letter.content_sealed = keys.seal(CONTENT, letter.id, json.dumps(content))
    letter.message_id = f"<{fresh_public_id()}@{domain}>"
    letter.created_at = letter.due_at = now
    session.add(letter)


def is_any_due(session: Session, kinds: Collection[str], *, now: datetime) -> bool:
    """Whether a letter of these kinds can be taken."""
    return session.scalar(_due(kinds, now).limit(1)) is not None


def take(session: Session, kinds: Collection[str], *, now: datetime, lease: timedelta) -> Letter | None:
    """Take the next due letter of these kinds for sending; nobody else gets it before the lease ends.

    A letter found in SENDING was interrupted there, so the mail server may have it already.
    """
    chosen = _due(kinds, now).order_by(Letter.priority, Letter.due_at).limit(1).with_for_update(skip_locked=True)
    return session.scalar(
        update(Letter)
        .where(Letter.id == chosen.scalar_subquery())
        .values(
            state=SENDING,
            takes=Letter.takes + 1,
            possibly_repeated=or_(Letter.possibly_repeated, Letter.state == SENDING),
            due_at=now + lease,
        )
        .returning(Letter)
    )


def about(session: Session, subjects: Collection[UUID], *, most: int = 30) -> Sequence[Letter]:
    """The newest letters about any of these rows."""
    letters = select(Letter).where(Letter.about.in_(subjects))
    return session.scalars(letters.order_by(Letter.created_at.desc(), Letter.id.desc()).limit(most)).all()


def forget(session: Session, subjects: Collection[UUID]) -> None:
    """Letters about rows that are forgotten go with them, sent or not."""
    changed(session, delete(Letter).where(Letter.about.in_(subjects)))


def recipient(keys: KeyRing, letter: Letter) -> str:
    """The address it goes to; raises SealBroken."""
    return keys.unseal(RECIPIENT, letter.id, letter.to_sealed)


def content(keys: KeyRing, letter: Letter) -> dict[str, str]:
    """What its template is filled with; raises SealBroken."""
    held: dict[str, str] = json.loads(keys.unseal(CONTENT, letter.id, letter.content_sealed or b""))
    return held


def close(session: Session, letter: Letter, state: str, answer: str, *, now: datetime) -> bool:
    """Give the letter its last state and erase its secrets; False if another worker took it over meanwhile."""
    moment = now if state == SENT else None
    return _finish(session, letter, state=state, answer=answer[:120], sent_at=moment, content_sealed=None)


def postpone(session: Session, letter: Letter, answer: str, *, until: datetime, refused: bool, doubtful: bool) -> bool:
    """Try again later: `refused` counts against the letter, `doubtful` means that it may have arrived."""
    return _finish(
        session,
        letter,
        state=QUEUED,
        takes=letter.takes - 1,
        answer=answer[:120],
        due_at=until,
        refusals=letter.refusals + int(refused),
        possibly_repeated=letter.possibly_repeated or doubtful,
    )


def _due(kinds: Collection[str], now: datetime) -> Select[UUID]:
    return select(Letter.id).where(Letter.state.in_(OPEN), Letter.due_at <= now, Letter.kind.in_(kinds))


def _finish(session: Session, letter: Letter, **values: object) -> bool:
    mine = update(Letter).where(Letter.id == letter.id, Letter.state == SENDING, Letter.takes == letter.takes)
    return changed(session, mine.values(**values)) == 1
