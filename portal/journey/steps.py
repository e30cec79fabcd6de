"""Steps: result, reset, code, done; which of them a visit owes, has done, or does not need, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.enrolment import standing
from portal.enrolment.standing import GRANTED, SHOWN
from portal.identity.acting import accounts_of
from portal.identity.helpers import Scope
from portal.identity.visits import Visit
from portal.incident.file import Incident
from portal.reset import obligations
from portal.sealing import KeyRing

OPEN, DONE, NEEDLESS, WAITING = "open", "done", "needless", "waiting"
PASSWORD, CODE, END = "reset.password", "enrolment.code", "journey.done"
STATES = {standing.OPEN: OPEN, standing.WAITING: WAITING, GRANTED: DONE, SHOWN: DONE}


@dataclass(frozen=True)
class Step:
    """One page of the journey, by its endpoint, and how it stands."""

    page: str
    state: str


def steps(session: Session, keys: KeyRing, incident: Incident, visit: Visit, *, now: datetime) -> list[Step]:
    """The steps behind the result, in the incident's order; a code only where there is an offer."""
    stands = standing.standing(session, keys, incident, visit, now=now)
    found = [Step(PASSWORD, state)] if (state := _reset(session, visit, now)) else []
    if stands and stands.state in STATES:
        found.append(Step(CODE, STATES[stands.state]))
    return found[::-1] if incident.code_first else found


def next_page(ahead: list[Step]) -> str:
    """The endpoint of the first step that is still to do, or of the end."""
    return next((step.page for step in ahead if step.state == OPEN), END)


def before_code(session: Session, incident: Incident, visit: Visit, *, now: datetime) -> str | None:
    """The page that must come before the code, by its endpoint, or None."""
    return PASSWORD if not incident.code_first and _reset(session, visit, now) == OPEN else None


def _reset(session: Session, visit: Visit, now: datetime) -> str:
    """How the new password stands; an empty text where a helper may not set it."""
    accounts = [account.id for account in accounts_of(session, visit, Scope.PASSWORD, now=now)]
    if not accounts:
        return ""
    if obligations.owing(session, accounts):
        return OPEN
    return DONE if obligations.settled(session, accounts) else NEEDLESS
