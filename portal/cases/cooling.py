"""Cooling: what two people agreed on waits for 72 hours, known to every address of the customer; then it is applied."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.approvals.carrying import Void
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal
from portal.audit import trail
from portal.audit.events import Event
from portal.cases.alerts import Alarm, Watch
from portal.cases.case import ADDRESS, Case
from portal.cases.claiming import payload_of
from portal.cases.proofing import (
    APPLIED,
    COOLING,
    COOLS,
    OLD,
    PROPOSED,
    AddressChange,
    ChangeMoved,
    advance,
    new_address,
)
from portal.database import Database, changed
from portal.identity import addresses, customers, moving
from portal.identity.customers import Customer
from portal.identity.moving import Follow
from portal.mail import outbox
from portal.mail.outbox import Letter
from portal.members import member
from portal.sealing import KeyRing
from portal.tokens import fresh_token

KIND, SOONER = "mailbox-change", "mailbox-sooner"
LETTER, CANCEL = "mailbox_change", "mailbox cancel token"
AWAY = timedelta(hours=24)  # whoever was drawn and says nothing for so long is away


def admits(session: Session, payload: Payload, *, who: str, since: datetime, now: datetime) -> bool:
    """Whoever was drawn by lot; anybody with the role once that one is shut out, or away for a day."""
    drawn = member.named(session, str(payload["approver"]))
    return who == payload["approver"] or drawn is None or drawn.disabled_at is not None or now - since >= AWAY


@dataclass(frozen=True)
class Agreed:
    """The worker's part once the second person agrees: the change waits, and every known address hears of it."""

    database: Database
    keys: KeyRing

    def found(self, payload: Payload) -> Payload | None:
        """The same, as the change and the account are now."""
        with self.database.read() as session:
            change = session.get(AddressChange, UUID(str(payload["change"])))
            return payload_of(session, change) if change and change.state == PROPOSED else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Let the 72 hours begin; raises Void where the change has ended meanwhile."""
        change = session.get_one(AddressChange, UUID(str(proposal.payload["change"])))
        customer, token = session.get_one(Customer, change.customer_id), fresh_token()
        stored = customers.stored_address(self.keys, customer)
        values: dict[str, Any] = {
            "approved_by": proposal.decided_by,
            "cooling_until": now + COOLS,
            "key_id": self.keys.current,
        }
        values |= {"old_sealed": self.keys.seal(OLD, change.id, stored)}
        values |= {"cancel_digest": self.keys.mac(CANCEL, change.public_id, token)}
        try:
            advance(session, change, PROPOSED, state=COOLING, **values)
        except ChangeMoved:
            raise Void from None
        trail.record(session, Event.MAILBOX_COOLING, now=now, actor=trail.WORKER, subject=change.subject)
        content = {"public_id": change.public_id, "token": token}
        for to in _known(session, self.keys, change):
            _write(session, self.keys, change, to, content, now)


@dataclass(frozen=True)
class Hurrying:
    """The worker's part once two people besides the proposer agree not to wait any longer (STF-10)."""

    database: Database
    watch: Watch

    def found(self, payload: Payload) -> Payload | None:
        """The same, while the change still waits."""
        with self.database.read() as session:
            change = session.get(AddressChange, UUID(str(payload["change"])))
            return hurry_payload(change) if change and change.state == COOLING else None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """End the waiting, and tell the officers; raises Void where it has ended meanwhile."""
        change = session.get_one(AddressChange, UUID(str(proposal.payload["change"])))
        try:
            advance(session, change, COOLING, state=COOLING, cooling_until=now)
        except ChangeMoved:
            raise Void from None
        said = {"reason": proposal.reason}
        trail.record(session, Event.MAILBOX_HURRIED, now=now, actor=trail.WORKER, subject=change.subject, **said)
        self.watch.tell(session, Alarm.SOONER, change.id, now=now)


def hurry_payload(change: AddressChange) -> Payload:
    """What three people agree on: which change, and until when it would have waited."""
    until = change.cooling_until.isoformat() if change.cooling_until else ""
    return {"change": str(change.id), "customer": f"customer:{change.customer_id}", "until": until}


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether the waiting of a change is over."""
    due = select(AddressChange.id).where(AddressChange.state == COOLING, AddressChange.cooling_until <= now)
    return session.scalar(due.limit(1)) is not None


def apply_next(
    session: Session, keys: KeyRing, follow: Follow, share: float, chance: Callable[[], float], *, now: datetime
) -> bool:
    """Give the next account that waited its new address; False where there is none.

    A `share` of them, by chance, gets a second look of a third person.
    """
    due = select(AddressChange.id).where(AddressChange.state == COOLING, AddressChange.cooling_until <= now)
    first = due.order_by(AddressChange.cooling_until).limit(1).with_for_update(skip_locked=True)
    values = {"state": APPLIED, "ended_at": now, "review_due": chance() < share}
    # The step and its consequence are one transaction: a worker that dies between them has done neither.
    taken = update(AddressChange).where(AddressChange.id == first.scalar_subquery(), AddressChange.state == COOLING)
    change = session.scalar(taken.values(**values).returning(AddressChange))
    if change is None:
        return False
    customer = session.scalars(select(Customer).where(Customer.id == change.customer_id).with_for_update()).one()
    moving.move(session, keys, customer, new_address(keys, change), follow, now=now)
    said = {"review": change.review_due}
    trail.record(session, Event.MAILBOX_APPLIED, now=now, actor=trail.WORKER, subject=change.subject, **said)
    return True


def review(session: Session, change: AddressChange, *, by: str, now: datetime) -> None:
    """A third person looked at an applied change; raises ChangeMoved where that is done, or it is one of the two."""
    due = update(AddressChange).where(AddressChange.id == change.id, AddressChange.review_due.is_(True))
    others = due.where(AddressChange.agent != by, AddressChange.approved_by != by)
    if changed(session, others.values(review_due=False, reviewed_by=by)) != 1:
        raise ChangeMoved
    trail.record(session, Event.MAILBOX_REVIEWED, now=now, actor=by, subject=change.subject)


def _known(session: Session, keys: KeyRing, change: AddressChange) -> list[str]:
    """Every address that we know to be the customer's: the account's, a proven one of the case, and older ones."""
    found = [keys.unseal(OLD, change.id, change.old_sealed or b"")]
    case = session.get_one(Case, change.case_id)
    if case.email_sealed is not None:
        found.append(keys.unseal(ADDRESS, case.id, case.email_sealed))
    before = select(AddressChange).where(
        AddressChange.customer_id == change.customer_id, AddressChange.state == APPLIED
    )
    found += [keys.unseal(OLD, one.id, one.old_sealed or b"") for one in session.scalars(before)]
    return list({addresses.read(one).canonical: one for one in found}.values())


def _write(
    session: Session, keys: KeyRing, change: AddressChange, to: str, content: dict[str, str], now: datetime
) -> None:
    case = session.get_one(Case, change.case_id)
    letter = Letter(kind=LETTER, about=change.id, origin=case.origin, locale=case.locale, priority=outbox.AWAITED)
    # Known by a name of its own, so that nobody who lets letters be stopped keeps this one from its reader.
    letter.mailbox = keys.mac(LETTER, addresses.read(to).mailbox)
    domain = urlsplit(case.origin).hostname or ""
    outbox.enqueue(session, keys, letter, to=to, content=content, domain=domain, now=now)
