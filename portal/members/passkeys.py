"""Passkeys: registered by an invitation, shown at each sign-in and before dangerous acts, always verified (STF-02)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from webauthn.helpers import (
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.database import Base, changed, inserted
from portal.members import challenges
from portal.members.member import Member
from portal.tokens import fresh_id

LONGEST_NAME = 60
# What a stranger sends may be anything; whatever it breaks on the way is a refusal, never a fault of ours.
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, OverflowError)


class PasskeyRefused(Exception):
    """What was shown proves nothing; its text is for the trail."""


class Passkey(Base):
    """One passkey of a member: its public half."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_member_id", "member_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey(Member.id))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Place:
    """Where passkeys are good: the console's origin, and no other."""

    origin: str

    @property
    def host(self) -> str:
        """The relying party's id (WebAuthn Level 3, section 5.1.2)."""
        return urlsplit(self.origin).hostname or ""


def showing(place: Place) -> dict[str, Any]:
    """What a browser needs in order to ask for any passkey of this place, but for the challenge."""
    needed = UserVerificationRequirement.REQUIRED
    return _unchallenged(webauthn.generate_authentication_options(rp_id=place.host, user_verification=needed))


def making(place: Place, member: Member, known: list[Passkey], name: str) -> dict[str, Any]:
    """What a browser needs in order to make a passkey for this member, but for the challenge."""
    needed = UserVerificationRequirement.REQUIRED
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=name,
        user_id=member.id.bytes,
        user_name=member.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, require_resident_key=True, user_verification=needed
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(passkey.credential_id) for passkey in known],
    )
    return _unchallenged(options)


def of(session: Session, member: Member) -> list[Passkey]:
    """The member's passkeys, oldest first."""
    own = select(Passkey).where(Passkey.member_id == member.id)
    return list(session.scalars(own.order_by(Passkey.created_at, Passkey.id)))


def register(session: Session, place: Place, member: Member, told: str, name: str, *, now: datetime) -> Passkey:
    """Keep the passkey that a browser made; raises PasskeyRefused."""
    try:
        made = parse_registration_credential_json(told)
        checked = webauthn.verify_registration_response(
            credential=made,
            expected_challenge=_challenge(session, made.response.client_data_json, now),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused(type(error).__name__) from None
    values = {"id": fresh_id(), "member_id": member.id, "credential_id": checked.credential_id, "created_at": now}
    values |= {"public_key": checked.credential_public_key, "sign_count": checked.sign_count}
    if not inserted(session, Passkey, **values, name=" ".join(name.split())[:LONGEST_NAME] or "passkey"):
        raise PasskeyRefused("known already")
    return session.get_one(Passkey, values["id"])


def prove(session: Session, place: Place, told: str, *, now: datetime) -> Passkey:
    """The passkey that was shown, of a member who is not disabled; raises PasskeyRefused."""
    try:
        shown = parse_authentication_credential_json(told)
        challenge = _challenge(session, shown.response.client_data_json, now)
        passkey = session.scalar(select(Passkey).where(Passkey.credential_id == shown.raw_id).with_for_update())
        if passkey is None or shown.response.user_handle not in (None, passkey.member_id.bytes):
            raise PasskeyRefused("unknown")
        checked = webauthn.verify_authentication_response(
            credential=shown,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused(type(error).__name__) from None
    if session.get_one(Member, passkey.member_id).disabled_at is not None:
        raise PasskeyRefused("disabled")
    noted = update(Passkey).where(Passkey.id == passkey.id)
    changed(session, noted.values(sign_count=checked.new_sign_count, used_at=now))
    return passkey


def remove(session: Session, member: Member, passkey_id: UUID) -> bool:
    """Forget a passkey of this member, unless it is the last one."""
    session.execute(select(Member.id).where(Member.id == member.id).with_for_update())
    held = {passkey.id for passkey in of(session, member)}
    if passkey_id not in held or len(held) == 1:
        return False
    return changed(session, delete(Passkey).where(Passkey.id == passkey_id)) == 1


def forget_all(session: Session, member: Member) -> None:
    """None of the member's passkeys is good any more."""
    changed(session, delete(Passkey).where(Passkey.member_id == member.id))


def _challenge(session: Session, client_data: bytes, now: datetime) -> bytes:
    told = parse_client_data_json(client_data)
    if told.cross_origin:
        raise PasskeyRefused("asked for within another site's page")
    if not challenges.spend(session, told.challenge, now=now):
        raise PasskeyRefused("the challenge is old, used, or not ours")
    return told.challenge


def _unchallenged(options: Any) -> dict[str, Any]:
    told = options_to_json_dict(options)
    told.pop("challenge")
    return told
