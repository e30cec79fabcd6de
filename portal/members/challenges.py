"""Challenges: what a passkey must sign; each is good once, for five minutes."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column
from webauthn.helpers import bytes_to_base64url, generate_challenge

from portal.database import Base, changed

LIFETIME = timedelta(minutes=5)


class Challenge(Base):
    """One challenge that was given out and not signed yet; its digest only."""

    __tablename__ = "challenge"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]


def give(session: Session, *, now: datetime) -> str:
    """A fresh challenge of 512 bits, in base64url without padding."""
    challenge = generate_challenge()
    session.add(Challenge(digest=hashlib.sha256(challenge).digest(), expires_at=now + LIFETIME))
    return bytes_to_base64url(challenge)


def spend(session: Session, challenge: bytes, *, now: datetime) -> bool:
    """Whether this challenge is ours, young, and was never signed before."""
    ours = delete(Challenge).where(Challenge.digest == hashlib.sha256(challenge).digest(), Challenge.expires_at > now)
    return changed(session, ours) == 1
