"""Helping: two people agree who may act for a customer, or that one has died; the worker carries it out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.approvals.carrying import Void
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal
from portal.audit import trail
from portal.audit.events import Event
from portal.cases.proofing import COOLS
from portal.database import Database
from portal.identity import addresses, customers, helpers
from portal.identity.correspondence import page_in, sender_of
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.identity.helpers import Helper
from portal.identity.history import mailboxes_of
from portal.incident.file import Incident
from portal.mail import letters, outbox, suppressions
from portal.mail.message import Drop, Message
from portal.mail.outbox import Letter
from portal.sealing import KeyRing

KIND, PASSING = "helper", "deceased"
LETTER = "helper_begins"
STOPPED_FOR = timedelta(days=3650)


def payload_of(session: Session, helper: Helper) -> Payload:
    """What two people agree on; digests and codes only."""
    customer = session.get_one(Customer, helper.customer_id)
    said = {"helper": str(helper.id), "customer": f"customer:{customer.id}", "relation": helper.relation}
    said |= {
        "may": helper.may,
        "until": helper.ends_at.astimezone(UTC).isoformat(),
        "address": helper.email_index.hex(),
    }
    return {**said, "epoch": customer.epoch}


def passing_of(customer: Customer) -> Payload:
    """The same for somebody who has died, or of whom that was a mistake."""
    return {"customer": f"customer:{customer.id}", "deceased": int(not customer.deceased)}


@dataclass(frozen=True)
class Appointing:
    """The worker's part once the second person agrees: the account's own address hears of it, and 72 hours begin."""

    database: Database
    keys: KeyRing
    incident: Incident

    def found(self, payload: Payload) -> Payload | None:
        """The same, while nobody ended it."""
        with self.database.read() as session:
            helper = session.get(Helper, UUID(str(payload["helper"])))
            return payload_of(session, helper) if helper and helper.ended_at is None else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Let them act from then on; raises Void where they do already."""
        helper = session.get_one(Helper, UUID(str(proposal.payload["helper"])))
        if not helpers.begin(session, helper, by=proposal.decided_by or "", begins_at=now + COOLS):
            raise Void
        subject = f"account:{helper.customer_id}"
        trail.record(session, Event.HELPER_AGREED, now=now, actor=trail.WORKER, subject=subject, helper=str(helper.id))
        customer = session.get_one(Customer, helper.customer_id)
        if not customer.deceased:
            self._tell(session, helper, customer, now)

    def _tell(self, session: Session, helper: Helper, customer: Customer, now: datetime) -> None:
        to, origin = customers.stored_address(self.keys, customer), self.incident.brand(customer.brand).origin
        locale = customer.locale if customer.locale in self.incident.locales else self.incident.locales[0]
        letter = Letter(kind=LETTER, about=helper.id, origin=origin, locale=locale, priority=outbox.AWAITED)
        # As the letter about a change of address: nobody who lets letters be stopped keeps this one back.
        letter.mailbox = self.keys.mac(LETTER, addresses.read(to).mailbox)
        outbox.enqueue(session, self.keys, letter, to=to, content={}, domain=urlsplit(origin).hostname or "", now=now)


@dataclass(frozen=True)
class Passing:
    """The worker's part once two people agree that somebody has died: no letter goes there any more."""

    database: Database
    keys: KeyRing

    def found(self, payload: Payload) -> Payload | None:
        """The same, as the account is now."""
        with self.database.read() as session:
            customer = customers.visible(session, _number(payload))
            return passing_of(customer) if customer else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Write it at the account, and stop its letters, unless somebody who lives has an account there."""
        mine = select(Customer).where(Customer.id == _number(proposal.payload)).with_for_update()
        customer = session.scalars(mine).one()
        customer.deceased = bool(proposal.payload["deceased"])
        event = Event.CUSTOMER_DECEASED if customer.deceased else Event.CUSTOMER_LIVES
        trail.record(session, event, now=now, actor=trail.WORKER, subject=f"account:{customer.id}")
        session.flush()
        address = addresses.read(customers.stored_address(self.keys, customer)).canonical
        there = customers.at_address(session, self.keys.macs(ADDRESS_INDEX, address).values())
        mailbox, *older = mailboxes_of(self.keys, customer)
        if all(one.deceased for one in there):
            suppressions.suppress(session, mailbox, suppressions.DECEASED, now=now, lasts=STOPPED_FOR)
        else:
            for one in (mailbox, *older):
                suppressions.lift(session, one, suppressions.DECEASED)


@dataclass(frozen=True)
class HelperLetter:
    """The letter to the account's own address: somebody is about to act for you, and how to stop that."""

    incident: Incident

    def compose(self, session: Session, letter: Letter, content: dict[str, str]) -> Message | Drop:
        """The message, unless that has ended meanwhile."""
        helper = session.get(Helper, letter.about)
        if helper is None or helper.ended_at is not None or helper.begins_at is None:
            return Drop("they help no longer")
        brand = session.get_one(Customer, helper.customer_id).brand
        return letters.helper_begins(
            sender_of(self.incident, letter.origin),
            letter.locale,
            self.incident.zone,
            brand=self.incident.brand(brand).name,
            relation=helper.relation,
            begins_at=helper.begins_at,
            portal=page_in(self.incident, letter, "/"),
            help_page=page_in(self.incident, letter, "/help"),
        )

    def handed_over(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it."""

    def given_up(self, session: Session, letter: Letter, *, now: datetime) -> None:
        """Nothing follows from it: whoever needs a helper may read no letters."""


def end(session: Session, number: UUID, *, by: str, now: datetime) -> bool:
    """Somebody helps no longer; False where that was over already."""
    if not helpers.end(session, number, by=by, now=now):
        return False
    trail.record(session, Event.HELPER_ENDED, now=now, actor=by, subject=f"helper:{number}")
    return True


def _number(payload: Payload) -> UUID:
    return UUID(str(payload["customer"]).removeprefix("customer:"))
