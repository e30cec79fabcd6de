"""The bench of lost mailboxes: a customer's case, an agent who works on it, and approvers of whom one is drawn."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.approvals.proposals import Proposal
from portal.audit.trail import AuditEvent
from portal.cases.proofing import AddressChange
from tests.cases.bench import receipt, write
from tests.console.bench import Colleague, Office
from tests.console.test_inbox import approve
from tests.visitor import Answer, Visitor

OLD, NEW, BRAND = "emre@mail.example", "emre@new.example", "stagelight-international"
OFFICERS = ("first@officers.example", "second@officers.example")
SEEN = ["order_number", "past_events"]


@dataclass
class Matter:
    """One change of address and the people around it."""

    office: Office
    agent: Colleague
    approvers: list[Colleague]
    customer: Visitor
    number: str = ""
    phrase: str = ""
    place: str = ""

    def begin(self, old: str = OLD, brand: str = BRAND, new: str = NEW) -> Answer:
        """Open a case as the customer, and begin the change as the agent."""
        self.number, self.phrase = receipt(self.customer, write(self.customer))
        told = self.agent.do("/staff/mailboxes", number=self.number, old=old, brand=brand, new=new)
        self.place = told.location
        return told

    def propose(self, act: str = "proposal", evidence: list[str] | None = None) -> Answer:
        """Ask a second person, or press another button of the same form."""
        seen = SEEN if evidence is None else evidence
        return self.agent.do(f"{self.place}/{act}", fresh=True, evidence=seen, reason="mailbox-closed")

    @property
    def change(self) -> AddressChange:
        """The change as the database has it now."""
        with self.office.database.read() as session:
            return session.get_one(AddressChange, UUID(self.place.rpartition("/")[2]))

    @property
    def drawn(self) -> Colleague:
        """The approver whom the lot named."""
        return next(one for one in self.approvers if one.person and one.person.actor == self.change.assigned_to)

    @property
    def others(self) -> list[Colleague]:
        """The approvers who were not drawn."""
        return [one for one in self.approvers if one is not self.drawn]

    def approve(self, by: Colleague) -> Answer:
        """Let somebody agree to the newest proposal."""
        with self.office.database.read() as session:
            newest = session.scalar(select(Proposal.id).order_by(Proposal.id.desc()).limit(1))
        return approve(by, f"/staff/approvals/{newest}", fresh=True)

    def cool(self, **said: str) -> None:
        """Bring the change as far as its 72 hours."""
        assert self.begin(**said).status == 303
        assert self.propose().status == 303
        assert self.approve(self.drawn).status == 303
        self.office.work()
        assert self.change.state == "COOLING"

    def told(self, kind: str) -> int:
        """How often the trail tells of something."""
        with self.office.database.read() as session:
            return len(session.scalars(select(AuditEvent.id).where(AuditEvent.kind == kind)).all())


def heard(matter: Matter, officer: str) -> str:
    """All that an officer was written."""
    return " ".join(word for letter in matter.office.mailbag(officer) for word in letter.plain.split())
