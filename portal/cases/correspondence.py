"""Correspondence: the letter that says that a case was answered; it holds nothing of what was written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.case import ADDRESS, ANSWERED, WAITING, Case, show_number
from portal.identity import addresses, customers, links
from portal.identity.correspondence import page_in, sender_of
from portal.incident.file import Incident
from portal.mail import letters, outbox
from portal.mail.message import Drop, Message
from portal.mail.outbox import Letter
from portal.sealing import KeyRing

KIND = "case_answer"


@dataclass(frozen=True)
class CaseAnswerLetter:
    """The letter with the case's number; whoever reads it must still prove the address, or know the words."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, unless the case moved on meanwhile."""
        case = session.get_one(Case, letter.about)
        if case.state not in (ANSWERED, WAITING):
            return Drop("its case moved on")
        portal, page = (page_in(self.incident, letter, path) for path in ("/", "/help/case"))
        said = {"number": show_number(case.number), "portal": portal, "help_page": page}
        return letters.case_answer(sender_of(self.incident, letter.origin), letter.locale, **said)

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it: the answer stands on the page."""


def announce(session: Session, keys: KeyRing, case: Case, *, now: datetime) -> bool:
    """Queue the letter to the address that was proven, if an account is still there; whether there is one."""
    if case.email_sealed is None:
        return False
    proven = addresses.read(keys.unseal(ADDRESS, case.id, case.email_sealed))
    accounts = customers.at_address(session, keys.macs(customers.ADDRESS_INDEX, proven.canonical).values())
    if not accounts:
        return False
    to = customers.stored_address(keys, accounts[0])
    letter = Letter(kind=KIND, about=case.id, origin=case.origin, locale=case.locale, priority=outbox.AWAITED)
    letter.mailbox = keys.mac(links.MAILBOX, addresses.read(to).mailbox)
    domain = case.origin.rpartition("//")[2].partition(":")[0]
    outbox.enqueue(session, keys, letter, to=to, content={}, domain=domain, now=now)
    return True
