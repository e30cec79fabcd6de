"""Sign-ons: a browser that was sent to the company's sign-in may come back once, within five minutes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column
from webauthn.helpers import bytes_to_base64url

from portal import keyed
from portal.database import Base, changed
from portal.sealing import KeyRing
from portal.tokens import fresh_token, is_token

LIFETIME = timedelta(minutes=5)
COOKIE, STATE, NONCE, VERIFIER = (f"sign-on {what}" for what in ("cookie", "state", "nonce", "verifier"))


class SignOn(Base):
    """One browser that is away at the company's sign-in; only the digest of its cookie is stored."""

    __tablename__ = "sign_on"

    cookie_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, info=keyed.digest("expires_at"))
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Secrets:
    """What goes with one sign-on: all of it follows from its cookie under our key, so nothing of it is stored."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)  # RFC 7636, section 4.1: 43 signs


@dataclass(frozen=True)
class Vouched:
    """Who came back: the account at the company's sign-in, for ever the same, and its verified address."""

    issuer: str
    subject: str
    address: str


class NotVouched(Exception):
    """The company's sign-in does not let this person in; its code is for the trail, and holds nothing of a token."""


def begin(session: Session, keys: KeyRing, *, now: datetime) -> tuple[str, Secrets]:
    """A fresh cookie for the browser that leaves, and what goes with it."""
    cookie = fresh_token()
    session.add(SignOn(cookie_digest=keys.mac(COOKIE, cookie), expires_at=now + LIFETIME))
    return cookie, _secrets(keys, cookie, keys.current)


def spend(session: Session, keys: KeyRing, cookie: str, state: str, *, now: datetime) -> Secrets | None:
    """What went with this browser's cookie, if the state is its own, it is young, and it never came back before."""
    if not is_token(cookie):
        return None
    for key_id, digest in keys.macs(COOKIE, cookie).items():
        held = _secrets(keys, cookie, key_id)
        ours = delete(SignOn).where(SignOn.cookie_digest == digest, SignOn.expires_at > now)
        if compare_digest(held.state.encode(), state.encode()) and changed(session, ours) == 1:
            return held
    return None


def _secrets(keys: KeyRing, cookie: str, key_id: int) -> Secrets:
    state, nonce, verifier = (keys.mac(purpose, cookie, key_id=key_id) for purpose in (STATE, NONCE, VERIFIER))
    return Secrets(state.hex(), nonce.hex(), bytes_to_base64url(verifier))
