"""Standing: how a visitor stands with monitoring codes; nothing that the visitor sends has a say in it (COD-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.cohort.result import AccountAnswer, answers
from portal.enrolment import grants
from portal.enrolment.grants import Grant, Person
from portal.identity import customers
from portal.identity.acting import accounts_of
from portal.identity.helpers import Scope
from portal.identity.visits import Visit
from portal.incident.file import Incident
from portal.incident.offers import Offer
from portal.incident.revisions import current_number
from portal.incident.rules import AFFECTED
from portal.sealing import KeyRing

NONE, OPEN, WAITING, GRANTED, SHOWN = "none", "open", "waiting", "granted", "shown"


@dataclass(frozen=True)
class Standing:
    """Who it is, which offer is theirs, what they have, and how many wait before them."""

    person: Person
    offer: Offer | None
    grant: Grant | None
    ahead: int

    @property
    def offer_id(self) -> str:
        """The offer that may be given now, by its id."""
        return self.offer.id if self.offer else ""

    @property
    def state(self) -> str:
        """NONE: nothing for this person; OPEN: may press the button; WAITING; GRANTED; SHOWN: has seen the code."""
        if self.grant is None:
            return OPEN if self.offer else NONE
        if self.grant.granted_at is None:
            return WAITING
        return SHOWN if self.grant.shown_at else GRANTED

    def with_grant(self, session: Session, grant: Grant) -> "Standing":
        """The same person a moment later."""
        return Standing(self.person, self.offer, grant, grants.ahead_of(session, grant))


def standing(session: Session, keys: KeyRing, incident: Incident, visit: Visit, *, now: datetime) -> Standing | None:
    """How the visitor stands; None where no account is left at the address. Raises SealBroken.

    What was granted or promised stays so, even if a later revision says otherwise.
    """
    accounts = accounts_of(session, visit, Scope.CODE, now=now)
    if not accounts:
        return None
    person = grants.person_at(keys, customers.stored_address(keys, accounts[0]))
    if grant := grants.find(session, person):
        offer = next((one for one in incident.offers if one.id == grant.offer), None)
        return Standing(person, offer, grant, grants.ahead_of(session, grant))
    told = answers(session, accounts, current_number(session))
    return Standing(person, first_offer(incident, told, today(incident, now)), None, 0)


def first_offer(incident: Incident, told: Sequence[AccountAnswer], day: date) -> Offer | None:
    """The first open offer of the file that fits an account which is affected now."""
    affected = [answer for answer in told if answer.result == AFFECTED]
    return next((offer for offer in incident.offers if offer.is_open(day) and _fits(offer, affected)), None)


def today(incident: Incident, now: datetime) -> date:
    """The day that it is in the incident's zone."""
    return now.astimezone(incident.zone).date()


def _fits(offer: Offer, affected: Sequence[AccountAnswer]) -> bool:
    return any(
        offer.fits(answer.customer.country, answer.categories, minor=answer.customer.minor) for answer in affected
    )
