"""Steps: result, reset, code, done; which of them a visit owes, has done, or does not need, and what comes next."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.identity import customers
from portal.identity.visits import Visit
from portal.reset import obligations

OPEN, DONE, NEEDLESS = "open", "done", "needless"
PASSWORD, END = "reset.password", "journey.done"


@dataclass(frozen=True)
class Step:
    """One page of the journey, by its endpoint, and how it stands."""

    page: str
    state: str


def steps(session: Session, visit: Visit) -> list[Step]:
    """The steps behind the result, in order."""
    accounts = [account.id for account in customers.at_address(session, [visit.email_index])]
    if obligations.owing(session, accounts):
        reset = OPEN
    else:
        reset = DONE if obligations.settled(session, accounts) else NEEDLESS
    return [Step(PASSWORD, reset)]


def next_page(session: Session, visit: Visit) -> str:
    """The endpoint of the first step that is still to do, or of the end."""
    return next((step.page for step in steps(session, visit) if step.state == OPEN), END)
