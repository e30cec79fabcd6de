"""Correspondence: the letter that says that a code is ready, to those who waited for one, or had a bad one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.enrolment.grants import Grant
from portal.identity import addresses, customers, links
from portal.identity.correspondence import page_in, sender_of
from portal.incident.file import Incident
from portal.mail import letters, outbox
from portal.mail.message import Drop, Message
from portal.mail.outbox import Letter
from portal.sealing import KeyRing

KIND = "code_ready"


@dataclass(frozen=True)
class CodeReadyLetter:
    """The letter without the code: whoever reads it must still prove the address (COD-10)."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, unless the code was looked at meanwhile."""
        if session.get_one(Grant, letter.about).shown_at:
            return Drop("its code was seen already")
        portal, replaced = page_in(self.incident, letter, "/"), "replaced" in content
        return letters.code_ready(
            sender_of(self.incident, letter.origin), letter.locale, portal=portal, replaced=replaced
        )

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it: the code stays theirs."""


def announce(session: Session, keys: KeyRing, grant: Grant, *, replaced: bool = False, now: datetime) -> None:
    """Queue the letter to the stored address; none where no account is left at it. Raises SealBroken."""
    accounts = customers.at_address(session, [grant.email_index])
    if not accounts:
        return
    to = customers.stored_address(keys, accounts[0])
    letter = Letter(kind=KIND, about=grant.id, origin=grant.origin, locale=grant.locale, priority=outbox.AWAITED)
    letter.mailbox = keys.mac(links.MAILBOX, addresses.read(to).mailbox)
    domain = grant.origin.rpartition("//")[2].partition(":")[0]
    content = {"replaced": "yes"} if replaced else {}
    outbox.enqueue(session, keys, letter, to=to, content=content, domain=domain, now=now)
