"""The bench of helpers: a child with an account, an agent who found its record, and approvers."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.approvals.proposals import Proposal
from portal.identity.customers import Customer
from portal.identity.helpers import Helper
from tests.cast import ALL, Account, Person
from tests.console.bench import Colleague, Office
from tests.console.records import sheets
from tests.console.test_inbox import approve
from tests.visitor import Answer, Visitor, token_on

KIM = Person("kim", (Account(result="AFFECTED", categories=ALL, minor=True),))
MOTHER = "mother@home.example"


@dataclass
class Care:
    """One account and the staff around it."""

    office: Office
    agent: Colleague
    approver: Colleague
    record: str = ""

    def find(self, person: Person = KIM) -> None:
        """Let the agent search for somebody's record."""
        [self.record] = sheets(self.agent, person.address)

    def propose(self, email: str = MOTHER, days: int = 30, **said: str | list[str]) -> Answer:
        """Ask for a helper."""
        until = (self.office.clock() + timedelta(days=days)).date().isoformat()
        words = {"relation": "guardian", "may": ["password", "code"], "reason": "birth-certificate"}
        return self.agent.do(f"{self.record}/helpers", fresh=True, email=email, until=until, **{**words, **said})

    def agree(self, by: Colleague | None = None) -> Answer:
        """Let a second person agree to the newest proposal, and the worker act."""
        with self.office.database.read() as session:
            newest = session.scalar(select(Proposal.id).order_by(Proposal.id.desc()).limit(1))
        told = approve(by or self.approver, f"/staff/approvals/{newest}", fresh=True)
        self.office.work()
        return told

    def appoint(self, **said: str | list[str]) -> None:
        """Bring a helper as far as the day on which they may act."""
        self.find()
        assert self.propose(**said).status == 303
        assert self.agree().status == 303
        self.office.clock.move(hours=72)
        for colleague in (self.agent, self.approver):
            colleague.sign_in()

    @property
    def account(self) -> Customer:
        """The account as it is now."""
        with self.office.database.read() as session:
            return session.get_one(Customer, UUID(self.record.rpartition("/")[2]))

    @property
    def helper(self) -> Helper:
        """The newest helper."""
        with self.office.database.read() as session:
            return session.scalars(select(Helper).order_by(Helper.id.desc())).all()[0]


def come(visitor: Visitor, address: str = MOTHER) -> Answer:
    """Prove one's own address and choose for whom one is here: the answer page."""
    page = visitor.arrive(address)
    assert (page.status, page.location) == (303, "/helping")
    return choose(visitor)


def choose(visitor: Visitor) -> Answer:
    """Go on for the first of those whom the visitor helps."""
    page = visitor.get("/helping")
    handle = page.text.partition('name="helper" value="')[2][:32]
    told = visitor.post("/helping", {"csrf_token": token_on(page), "helper": handle})
    assert (told.status, told.location) == (303, "/status")
    return visitor.get("/status")
