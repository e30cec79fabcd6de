"""Codes of an app (TOTP, RFC 6238): a way in for one day, for a member whose device makes no passkeys yet."""

import base64
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import BigInteger, ForeignKey, LargeBinary, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed, inserted
from portal.limits import MEMBER_CODE_TRIES
from portal.members.member import Member
from portal.sealing import KeyRing

LIFETIME = timedelta(hours=24)
SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits
STEP_SECONDS = 30
PURPOSE, SEALED = "member codes", "member codes sealed"


class MemberCodes(Base):
    """What the member's app shares with us, sealed; one for each member, until it has a passkey."""

    __tablename__ = "member_codes"

    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id), primary_key=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(SEALED))
    ends_at: Mapped[datetime]
    last_step: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(default=0)


def secret_of(keys: KeyRing, public_id: str, token: str) -> str:
    """The secret that goes with an invitation: the same however often its page is opened, and stored nowhere yet."""
    return base64.b32encode(keys.mac(PURPOSE, public_id, token)[:SECRET_BYTES]).decode()


def begin(session: Session, keys: KeyRing, member: Member, secret: str, code: str, *, now: datetime) -> bool:
    """Keep the secret if this code shows that the app has it; False if not, or if the member had codes before."""
    step = _step_of(secret, code, now)
    if step is None:
        return False
    sealed = keys.seal(SEALED, member.id, secret)
    values = {"secret_sealed": sealed, "ends_at": now + LIFETIME, "last_step": step, "tries": 0}
    return inserted(session, MemberCodes, member_id=member.id, **values)


def check(session: Session, keys: KeyRing, member: Member, code: str, *, now: datetime) -> bool:
    """Whether this code is good: of the last minute, for the first time, and not after too many wrong ones."""
    good = (MemberCodes.member_id == member.id, MemberCodes.ends_at > now, MemberCodes.tries < MEMBER_CODE_TRIES)
    held = session.scalar(select(MemberCodes).where(*good))
    if held is None:
        return False
    step = _step_of(keys.unseal(SEALED, member.id, held.secret_sealed), code, now)
    if step is None:
        changed(session, update(MemberCodes).where(*good).values(tries=MemberCodes.tries + 1))
        return False
    # One UPDATE decides, so that a code that somebody looked over is worth nothing.
    return changed(session, update(MemberCodes).where(*good, MemberCodes.last_step < step).values(last_step=step)) == 1


def end(session: Session, member: Member) -> None:
    """The member has a passkey: its codes open nothing any more, and no others are given."""
    changed(session, update(MemberCodes).where(MemberCodes.member_id == member.id).values(tries=MEMBER_CODE_TRIES))


def forget(session: Session, member: Member) -> None:
    """The member begins anew, and may be given codes again."""
    changed(session, delete(MemberCodes).where(MemberCodes.member_id == member.id))


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute that this code belongs to: this one, or the one before, for slow fingers."""
    app, typed = pyotp.TOTP(secret), code.replace(" ", "")
    steps = (int(now.timestamp()) // STEP_SECONDS - back for back in (0, 1))
    return next((step for step in steps if pyotp.utils.strings_equal(typed, app.generate_otp(step))), None)
