"""Link requests: asked for by a browser, answered by the worker with a letter, spent once by two proofs of three."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, insert, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.identity.customers import ADDRESS_INDEX
from portal.mail import suppressions
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_public_id
from portal.turns import in_turn

WAITS = timedelta(hours=24)  # secrets are minted when the worker takes the request, so waiting is harmless
LIFETIME = timedelta(minutes=30)  # from the hand-over to the mail server; ASVS 6.5.5 says 10, mail is often late

QUEUED, SENT, CONSUMED = "QUEUED", "SENT", "CONSUMED"
EXPIRED, SUPERSEDED, REVOKED, DROPPED = "EXPIRED", "SUPERSEDED", "REVOKED", "DROPPED"
OPEN = (QUEUED, SENT)

# One purpose for each secret, so that no digest is ever good for another (LNK-16).
TYPED_ADDRESS, COOKIE, TOKEN, CODE, STOP = "typed address", "asking cookie", "link token", "typed code", "stop token"
HOST, NETWORK, MAILBOX = "asking host", "asking network", suppressions.MAILBOX


class LinkRequest(Base):
    """One request for a letter; it is itself the queue entry, and holds digests only."""

    __tablename__ = "link_request"
    __table_args__ = (
        CheckConstraint(
            "state in ('QUEUED', 'SENT', 'CONSUMED', 'EXPIRED', 'SUPERSEDED', 'REVOKED', 'DROPPED')", name="state"
        ),
        CheckConstraint("(state = 'CONSUMED') = (consumed_at is not null)", name="consumed"),
        CheckConstraint("code_tries between 0 and 5", name="code_tries"),
        Index(
            "ix_link_request_waiting",
            "id",
            sqlite_where=text("state = 'QUEUED' and answered_at is null"),
            postgresql_where=text("state = 'QUEUED' and answered_at is null"),
        ),
        Index("ix_link_request_mailbox", "mailbox", "asked_at"),
        Index("ix_link_request_host", "host", "asked_at"),
        Index("ix_link_request_network", "network", "asked_at"),
        Index("ix_link_request_email_index", "email_index"),
        Index("ix_link_request_cookie", "cookie_digest"),
        Index("ix_link_request_expires", "state", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=fresh_public_id)
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    reason: Mapped[str | None] = mapped_column(String(40))
    origin: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(12))
    browser: Mapped[str] = mapped_column(String(20))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    cookie_digest: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    host: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    network: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=keyed.sealed(TYPED_ADDRESS))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # What the worker adds when it answers:
    answered_at: Mapped[datetime | None]
    mailbox: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.index(MAILBOX))
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.index(ADDRESS_INDEX))
    epoch: Mapped[int | None]
    extra: Mapped[bool] = mapped_column(default=False)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    stop_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=keyed.digest("expires_at"))
    code_tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    sent_at: Mapped[datetime | None]
    consumed_at: Mapped[datetime | None]


WAITING = (LinkRequest.state == QUEUED, LinkRequest.answered_at.is_(None))
ASKING = insert(LinkRequest)


def new_request(
    keys: KeyRing,
    *,
    address: str,
    cookie: str,
    origin: str,
    locale: str,
    browser: str,
    host: str,
    network: str,
    now: datetime,
) -> LinkRequest:
    """A request as the page writes it down: nothing is looked up, the address is sealed for the worker."""
    row = fresh_id()
    return LinkRequest(
        id=row,
        origin=origin,
        locale=locale,
        browser=browser,
        key_id=keys.current,
        cookie_digest=keys.mac(COOKIE, cookie),
        host=keys.mac(HOST, host),
        network=keys.mac(NETWORK, network),
        address_sealed=keys.seal(TYPED_ADDRESS, row, address),
        asked_at=now,
        expires_at=now + WAITS,
    )


def write_down(line: Connection, request: LinkRequest) -> None:
    """One plain INSERT: the page that everybody asks by is spared the bookkeeping of objects."""
    given = {name: value for name, value in vars(request).items() if not name.startswith("_")}
    line.execute(ASKING, given)


def is_any_waiting(session: Session) -> bool:
    """Whether a request is there that nobody answered yet."""
    return session.scalar(select(LinkRequest.id).where(*WAITING).limit(1)) is not None


def is_any_over(session: Session, *, now: datetime) -> bool:
    """Whether an open request's time is over."""
    over = select(LinkRequest.id).where(LinkRequest.state.in_(OPEN), LinkRequest.expires_at <= now)
    return session.scalar(over.limit(1)) is not None


def next_waiting(session: Session) -> LinkRequest | None:
    """The oldest request that nobody answered yet, held until the transaction ends."""
    waiting = select(LinkRequest).where(*WAITING)
    return session.scalar(waiting.order_by(LinkRequest.id).limit(1).with_for_update(skip_locked=True))


def drop(request: LinkRequest, reason: str) -> None:
    """Answer with nothing; a dropped request supersedes nothing and proves nothing."""
    request.state, request.reason = DROPPED, reason


def handed_over(session: Session, request_id: UUID, *, now: datetime) -> None:
    """The mail server has the letter: its 30 minutes begin, and the same browser's older letters end (LNK-14)."""
    request = session.get_one(LinkRequest, request_id)
    in_turn(session, request.mailbox or b"")  # a proof of an older letter may be ending this one right now
    mine = update(LinkRequest).where(LinkRequest.id == request_id, LinkRequest.state == QUEUED)
    if changed(session, mine.values(state=SENT, sent_at=now, expires_at=now + LIFETIME)) != 1:
        return
    session.execute(
        update(LinkRequest)
        .where(
            LinkRequest.cookie_digest == request.cookie_digest, LinkRequest.state == SENT, LinkRequest.id < request_id
        )
        .values(state=SUPERSEDED)
    )


def undeliverable(session: Session, request_id: UUID) -> None:
    """The letter will never arrive."""
    mine = update(LinkRequest).where(LinkRequest.id == request_id, LinkRequest.state == QUEUED)
    changed(session, mine.values(state=DROPPED, reason="undeliverable"))


def close_others(session: Session, email_index: bytes) -> None:
    """Every open request of this address ends (LNK-15)."""
    others = update(LinkRequest).where(LinkRequest.email_index == email_index, LinkRequest.state.in_(OPEN))
    changed(session, others.values(state=REVOKED))


def expire(session: Session, *, now: datetime) -> int:
    """Mark the open requests whose time is over; returns how many."""
    over = update(LinkRequest).where(LinkRequest.state.in_(OPEN), LinkRequest.expires_at <= now)
    return changed(session, over.values(state=EXPIRED, address_sealed=None))
