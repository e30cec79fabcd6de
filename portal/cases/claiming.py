"""Claiming: a member writes the new address down, and proposes it to another who is drawn by lot (STF-07, STF-09)."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.approvals import proposals
from portal.approvals.kinds import Actor, Kind, Payload, check_words
from portal.audit import trail
from portal.audit.events import Event
from portal.cases.alerts import Alarm, Watch
from portal.cases.case import Case
from portal.cases.proofing import CLAIMED, NEW, PROPOSED, AddressChange, advance
from portal.database import inserted
from portal.identity.addresses import Address
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.incident.evidence import Evidence
from portal.limits import CHANGES_PER_MEMBER, CHANGES_PER_NETWORK, Limit
from portal.members import member
from portal.members.roles import Role
from portal.sealing import KeyRing
from portal.tokens import fresh_id

FEWEST = 2  # kinds of evidence


class EvidenceRefused(Exception):
    """Too few kinds, or one that a thief of the data could show, or a posted code that never came back."""


class NobodyApproves(Exception):
    """There is no approver who could be asked."""


class AlreadyChanging(Exception):
    """Another change of this account has not ended, or the address is the one that it has."""


@dataclass(frozen=True)
class Brought:
    """What a member brings together: the evidence that was seen, why, and from where it is proposed."""

    evidence: Collection[str]
    reason: str
    network: bytes
    note: str = ""


def start(
    session: Session, keys: KeyRing, case: Case, customer: Customer, address: Address, *, by: str, now: datetime
) -> AddressChange:
    """Write the new address down; nothing follows from it yet. Raises AlreadyChanging."""
    row, index = fresh_id(), keys.mac(ADDRESS_INDEX, address.canonical)
    if customer.email_index in keys.macs(ADDRESS_INDEX, address.canonical).values():
        raise AlreadyChanging
    made = inserted(
        session, AddressChange, id=row, case_id=case.id, customer_id=customer.id, agent=by, key_id=keys.current,
        new_index=index, new_sealed=keys.seal(NEW, row, address.stored), started_at=now,
    )  # fmt: skip
    if not made:
        raise AlreadyChanging
    trail.record(session, Event.MAILBOX_CLAIMED, now=now, actor=by, subject=f"mailbox:{row}", case=str(case.id))
    return session.get_one(AddressChange, row)


def payload_of(session: Session, change: AddressChange) -> Payload:
    """What two people agree on; digests and numbers only."""
    customer = session.get_one(Customer, change.customer_id)
    said = {"change": str(change.id), "case": f"case:{change.case_id}", "customer": f"customer:{customer.id}"}
    said |= {"address": change.new_index.hex(), "evidence": change.evidence, "approver": change.assigned_to or ""}
    return {**said, "epoch": customer.epoch}


@dataclass(frozen=True)
class Proposing:
    """How changes are proposed: which evidence is good, who hears of alarms, and by which lot the approver is drawn."""

    kind: Kind
    good: Sequence[Evidence]
    watch: Watch
    choose: Callable[[Sequence[str]], str] = secrets.choice

    def propose(
        self, session: Session, change: AddressChange, brought: Brought, *, actor: Actor, duress: bool, now: datetime
    ) -> None:
        """Ask one approver; raises EvidenceRefused, NobodyApproves, ChangeMoved or NotTaken.

        Under duress it looks the same to all who look on, but nobody is asked, and the officers hear of it.
        """
        self.kind.role_of_proposer(actor)
        check_words(self.kind.reasons, brought.reason, brought.note)
        values: dict[str, Any] = {"evidence": self._good(change, brought), "network": brought.network}
        values |= {"assigned_to": self._drawn(session, change, actor), "proposed_at": now, "agent": actor.name}
        if duress:
            advance(session, change, CLAIMED, state=PROPOSED, parked_at=now, **values)
            self.watch.tell(session, Alarm.DURESS, change.id, now=now)
        else:
            advance(session, change, CLAIMED, state=PROPOSED, **values)
            payload, said = payload_of(session, change), {"reason": brought.reason, "note": brought.note}
            proposal = proposals.propose(session, self.kind, payload, actor=actor, now=now, **said)
            advance(session, change, PROPOSED, state=PROPOSED, proposal=proposal.id)
        event = Event.MAILBOX_PARKED if duress else Event.MAILBOX_PROPOSED
        trail.record(session, event, now=now, actor=actor.name, subject=change.subject, evidence=change.evidence)
        self._count(session, change, now)

    def _good(self, change: AddressChange, brought: Brought) -> str:
        seen = [kind for kind in self.good if kind.value in brought.evidence]
        unproven = Evidence.POSTED_LETTER in seen and change.posted_at is None
        if len(seen) != len(set(brought.evidence)) or len(seen) < FEWEST or unproven:
            raise EvidenceRefused
        return ",".join(seen)

    def _drawn(self, session: Session, change: AddressChange, actor: Actor) -> str:
        brand = session.get_one(Customer, change.customer_id).brand
        asked = [one for one in member.holding(session, Role.APPROVER) if not one.works_for or brand in one.works_for]
        if not (names := [one.actor for one in asked if one.actor != actor.name]):
            raise NobodyApproves
        return self.choose(names)

    def _count(self, session: Session, change: AddressChange, now: datetime) -> None:
        """More than usual from one member, or one network, is written down and told once, when it begins."""
        by_member = _since(session, AddressChange.agent == change.agent, CHANGES_PER_MEMBER, now)
        by_network = _since(session, AddressChange.network == change.network, CHANGES_PER_NETWORK, now)
        if CHANGES_PER_MEMBER.amount + 1 == by_member or CHANGES_PER_NETWORK.amount + 1 == by_network:
            said = {"by_member": by_member, "by_network": by_network}
            trail.record(session, Event.MAILBOX_ALARMED, now=now, actor=change.agent, subject=change.subject, **said)
            self.watch.tell(session, Alarm.MANY, change.id, now=now)


def _since(session: Session, whose: ColumnElement[bool], limit: Limit, now: datetime) -> int:
    since = now - timedelta(seconds=limit.per)
    counted = select(func.count(AddressChange.id)).where(whose, AddressChange.proposed_at > since)
    return session.scalar(counted) or 0
