"""Correspondence: the letter that invites a member, for the worker that sends it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.mail import letters, outbox
from portal.mail.message import Drop, Message, Sender
from portal.mail.outbox import Letter
from portal.members import invitations
from portal.members.invitations import Invitation
from portal.members.member import Member, address_of
from portal.sealing import KeyRing

KIND = "invitation"
MAILBOX = "member mailbox"
JOIN = "/staff/join"


@dataclass(frozen=True)
class InvitationLetter:
    """The letter with the invitation."""

    sender: Sender
    zone: tzinfo

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, unless a newer invitation took its place."""
        invitation = session.get(Invitation, letter.about)
        if invitation is None or invitation.used_at is not None:
            return Drop("its invitation has ended")
        link = f"{letter.origin}{JOIN}?lang={letter.locale}#{invitation.public_id}.{content['token']}"
        return letters.invitation(self.sender, letter.locale, self.zone, link=link, ends_at=invitation.expires_at)

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """It is written down."""
        _record(session, Event.INVITATION_SENT, letter, now)

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """It is written down, so that somebody invites once more."""
        _record(session, Event.INVITATION_UNDELIVERED, letter, now)


def invite(
    session: Session,
    keys: KeyRing,
    member: Member,
    *,
    by: str,
    origin: str,
    allows_codes: bool = False,
    now: datetime,
) -> None:
    """Queue a letter with a fresh invitation; what the member was sent before ends."""
    invitation, token = invitations.issue(session, keys, member, allows_codes=allows_codes, now=now)
    to = address_of(keys, member)
    letter = Letter(kind=KIND, about=invitation.id, origin=origin, locale=member.locale, priority=outbox.AWAITED)
    letter.mailbox = keys.mac(MAILBOX, to.lower())
    domain = urlsplit(origin).hostname or ""
    outbox.enqueue(session, keys, letter, to=to, content={"token": token}, domain=domain, now=now)
    trail.record(session, Event.MEMBER_INVITED, now=now, actor=by, subject=member.actor, roles=member.roles)


def _record(session: Session, event: Event, letter: Letter, now: datetime) -> None:
    invitation = session.get(Invitation, letter.about)
    subject = f"member:{invitation.member_id}" if invitation else str(letter.about)
    trail.record(session, event, now=now, actor=trail.WORKER, subject=subject, repeated=letter.possibly_repeated)
