"""The outbox: letters as queue and evidence in one table; SENDING before the mail server's DATA, SENT after its 250."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    bindparam,
    delete,
    literal_column,
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


# Built once, since they are asked all day. States and priorities stand in the words themselves, because SQLite takes
# an index over a part of the rows only if it can read there that no others are wanted.
_DUE = select(Letter.id).where(
    text("letter.state in ('QUEUED', 'SENDING')"),
    Letter.priority.in_([literal_column(str(priority)) for priority in (INTERACTIVE, AWAITED, BULK)]),
    Letter.due_at <= bindparam("now", type_=Letter.due_at.type),
    Letter.kind.in_(bindparam("kinds", expanding=True)),
)
_CHOSEN = (
    _DUE.order_by(Letter.priority, Letter.due_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("chosen")
    .prefix_with("MATERIALIZED", dialect="postgresql")  # it might else look for them once for each row
)
_TAKING = (
    update(Letter)
    .where(Letter.id.in_(select(_CHOSEN.c.id)))
    .values(
        state=SENDING,
        takes=Letter.takes + 1,
        possibly_repeated=or_(Letter.possibly_repeated, Letter.state == SENDING),
        due_at=bindparam("until", type_=Letter.due_at.type),
    )
    .returning(Letter)
    .execution_options(synchronize_session=False)
)


def is_any_due(session: Session, kinds: Collection[str], *, now: datetime) -> bool:
    """Whether a letter of these kinds can be taken."""
    return session.scalar(_DUE.limit(1), {"kinds": list(kinds), "now": now}) is not None


def take(session: Session, kinds: Collection[str], *, most: int, now: datetime, lease: timedelta) -> Sequence[Letter]:
    """Take the next due letters of these kinds for sending; nobody else gets them before the lease ends.

    A letter found in SENDING was interrupted there, so the mail server may have it already.
    """
    given = {"kinds": list(kinds), "now": now, "most": most, "until": now + lease}
    return session.scalars(_TAKING, given).all()


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


def close(session: Session, letters: Collection[Letter], state: str, answer: str, *, now: datetime) -> set[UUID]:
    """Give letters their last state and erase their secrets; which of them no other worker took over meanwhile."""
    moment, closed = now if state == SENT else None, set[UUID]()
    for takes in {letter.takes for letter in letters}:
        mine = Letter.id.in_([letter.id for letter in letters if letter.takes == takes])
        closing = update(Letter).where(mine, Letter.state == SENDING, Letter.takes == takes)
        values = {"state": state, "answer": answer[:120], "sent_at": moment, "content_sealed": None}
        told = closing.values(**values).returning(Letter.id).execution_options(synchronize_session=False)
        closed.update(session.scalars(told))
    return closed


def postpone(session: Session, letter: Letter, answer: str, *, until: datetime, refused: bool, doubtful: bool) -> bool:
    """Try again later: `refused` counts against the letter, `doubtful` means that it may have arrived."""
    mine = update(Letter).where(Letter.id == letter.id, Letter.state == SENDING, Letter.takes == letter.takes)
    values = {"state": QUEUED, "takes": letter.takes - 1, "answer": answer[:120], "due_at": until}
    values |= {"refusals": letter.refusals + int(refused)}
    values |= {"possibly_repeated": letter.possibly_repeated or doubtful}
    return changed(session, mine.values(**values)) == 1
