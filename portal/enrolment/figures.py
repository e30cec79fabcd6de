"""The figures of codes: how many are left to give, and how many people wait for one."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.enrolment import grants, pools
from portal.enrolment.standing import today
from portal.figures import Figure
from portal.incident.door import current_incident


def count(session: Session, now: datetime) -> Iterator[Figure]:
    """Codes that still work and that nobody has, and places in line, by offer."""
    day, left = today(current_incident(), now), Counter[str]()
    for one in pools.stock(session):
        left[one.pool.offer] += one.left if one.gives(day) else 0
    yield Figure("portal_codes_left", "Codes that nobody has and that still work, by offer.", by="offer", values=left)
    says = "People in line for a code, by offer."
    yield Figure("portal_codes_waited_for", says, by="offer", values=grants.waiting(session))
