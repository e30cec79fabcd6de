"""Visits: the proven session of an address; for recovery only (NIST SP 800-63B-4, 3.1.3.1)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.extensions import ground
from portal.identity.customers import ADDRESS_INDEX
from portal.identity.links import LinkRequest
from portal.sealing import KeyRing
from portal.tokens import fresh_id, fresh_token, is_token
from portal.web import cookies
from portal.web.fetch_metadata import post_class
from portal.web.forms import VisitForm
from portal.web.locales import chosen_locale, keep_locale

IDLE = timedelta(minutes=15)  # ASVS 5.0, 7.3.1
ABSOLUTE = timedelta(minutes=60)  # ASVS 5.0, 7.3.2
FRESH = timedelta(minutes=20)  # how old a proof may be for what cannot be undone; ASVS 5.0, 7.5.3
TOUCH = timedelta(seconds=30)
COOKIE = "ps"
PURPOSE = "visit cookie"
RAISED = "code+link"


class Visit(Base):
    """A visit; only the digest of its cookie is stored."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("proved_by in ('cookie+link', 'link+code', 'code', 'code+link')", name="proved_by"),
        Index("ix_visit_email_index", "email_index"),
        Index("ix_visit_link_request_id", "link_request_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    cookie_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=keyed.digest("ends_at"))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32), info=keyed.index(ADDRESS_INDEX))
    link_request_id: Mapped[UUID] = mapped_column(ForeignKey(LinkRequest.id))
    locale: Mapped[str | None] = mapped_column(String(12))
    proved_by: Mapped[str] = mapped_column(String(12))
    proved_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    acts_as: Mapped[UUID | None] = mapped_column(ForeignKey("helper.id"))  # the helper of somebody else

    @property
    def opens_everything(self) -> bool:
        """Whether the link was shown: a code alone may have been talked out of its owner (LNK-26)."""
        return self.proved_by != "code"

    def is_fresh(self, now: datetime) -> bool:
        """Whether the proof is young enough for a password or a code (SES-05)."""
        return now - self.proved_at <= FRESH


def open_visit(
    session: Session, keys: KeyRing, request: LinkRequest, proved_by: str, *, locale: str | None = None, now: datetime
) -> str:
    """End the address's earlier visits and begin a new one, in a language; returns the new cookie's value."""
    cookie, index = fresh_token(), request.email_index or b""
    earlier = update(Visit).where(Visit.email_index == index, Visit.ended_at.is_(None))
    changed(session, earlier.values(ended_at=now))
    visit = Visit(cookie_digest=keys.mac(PURPOSE, cookie), key_id=keys.current, email_index=index, proved_by=proved_by)
    visit.link_request_id = request.id
    visit.locale = locale or request.locale
    visit.proved_at = visit.seen_at = now
    visit.ends_at = now + ABSOLUTE
    session.add(visit)
    return cookie


def find(session: Session, keys: KeyRing, cookie: str, *, now: datetime) -> Visit | None:
    """The living visit of a cookie, or None."""
    if not is_token(cookie):
        return None
    wanted = select(Visit).where(Visit.cookie_digest.in_(keys.macs(PURPOSE, cookie).values()))
    living = wanted.where(Visit.ended_at.is_(None), Visit.ends_at > now, Visit.seen_at > now - IDLE)
    return session.scalar(living)


def raise_by_link(keys: KeyRing, visit: Visit, *, now: datetime) -> str:
    """The link was shown after the code: the visit opens everything, by a new cookie (ASVS 5.0, 7.2.4), returned."""
    cookie = fresh_token()
    visit.cookie_digest, visit.key_id = keys.mac(PURPOSE, cookie), keys.current
    visit.proved_by, visit.proved_at = RAISED, now
    return cookie


def act_as(session: Session, visit: Visit, helper: UUID) -> None:
    """Let the visit be about the account of somebody whom the visitor helps."""
    changed(session, update(Visit).where(Visit.id == visit.id).values(acts_as=helper))


def end(session: Session, visit: Visit, *, now: datetime) -> None:
    """The visit is over on the server, whatever the browser keeps."""
    changed(session, update(Visit).where(Visit.id == visit.id).values(ended_at=now))


def end_others(session: Session, visit: Visit, *, now: datetime) -> None:
    """End every other visit of this address."""
    others = update(Visit).where(Visit.email_index == visit.email_index, Visit.id != visit.id, Visit.ended_at.is_(None))
    changed(session, others.values(ended_at=now))


def end_at(session: Session, email_index: bytes, *, now: datetime) -> None:
    """End every visit of an address."""
    there = update(Visit).where(Visit.email_index == email_index, Visit.ended_at.is_(None))
    changed(session, there.values(ended_at=now))


def end_those_of(session: Session, request_id: UUID, *, now: datetime) -> None:
    """End what a link opened."""
    opened = update(Visit).where(Visit.link_request_id == request_id, Visit.ended_at.is_(None))
    changed(session, opened.values(ended_at=now))


def form_of(visit: Visit) -> VisitForm:
    """A form whose token is bound to this visit."""
    g.visit_handle = visit.cookie_digest.hex()
    return VisitForm()


def visit_page(view: Callable[..., ResponseReturnValue]) -> Callable[..., Response]:
    """A page of a visit: the view gets the visit; everybody else is sent to the start."""

    @wraps(view)
    def guarded(**values: object) -> Response:
        visit = _present()
        if visit is None:
            return make_response(redirect(url_for("incident.index"), 303))
        keep_locale(visit.locale)
        g.visit_handle = visit.cookie_digest.hex()
        return make_response(view(visit, **values))

    return guarded


def visit_post(view: Callable[..., ResponseReturnValue]) -> Callable[..., Response]:
    """An act within a visit: needs the token that its pages carry."""

    @wraps(view)
    def guarded(visit: Visit, **values: object) -> ResponseReturnValue:
        if not VisitForm().given_once().validate():
            abort(403)
        return view(visit, **values)

    return post_class("visit")(visit_page(guarded))


def _present() -> Visit | None:
    now, held = ground().clock(), ground()
    with held.database.read() as session:
        visit = find(session, held.keys, cookies.read(COOKIE), now=now)
    if visit and (now - visit.seen_at > TOUCH or chosen_locale() not in (None, visit.locale)):
        visit.seen_at, visit.locale = now, chosen_locale() or visit.locale
        with held.database.write() as session:
            touched = update(Visit).where(Visit.id == visit.id)
            changed(session, touched.values(seen_at=visit.seen_at, locale=visit.locale))
    return visit


def visit_key() -> str:
    """What limits within a visit are counted by: a digest of its cookie."""
    return ground().keys.mac(PURPOSE, cookies.read(COOKIE)).hex()


def needs_link(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """What cannot be undone: asks for the letter's link after a code alone, and for a fresh proof after 20 minutes."""

    @wraps(view)
    def guarded(visit: Visit, **values: object) -> ResponseReturnValue:
        if not visit.opens_everything:
            return render_template("identity/link_first.html"), 403
        if not visit.is_fresh(ground().clock()):
            return render_template("identity/proof_again.html", form=VisitForm(formdata=None)), 403
        return view(visit, **values)

    return guarded
