"""Receipts: number and phrase of a new case, sealed into the browser that opened it, so that a reload loses nothing."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from portal.cases.opening import Opened
from portal.sealing import KeyRing, SealBroken

LIFETIME = timedelta(minutes=10)
PURPOSE = "case receipt"
NO_VISIT = UUID(int=0)
WIDTH = 80  # always as long, so that its length tells nothing


@dataclass(frozen=True)
class Receipt:
    """What the page shows once."""

    number: str
    phrase: str
    due_at: datetime


def written(keys: KeyRing, opened: Opened, *, visit: UUID = NO_VISIT, now: datetime) -> str:
    """The receipt as a cookie holds it; one of a visit is good within that visit only."""
    until = int((now + LIFETIME).timestamp())
    text = f"{opened.number} {int(opened.due_at.timestamp())} {until} {opened.phrase}"
    return base64.urlsafe_b64encode(keys.seal(PURPOSE, visit, text.ljust(WIDTH))).decode()


def read(keys: KeyRing, given: str, *, visit: UUID = NO_VISIT, now: datetime) -> Receipt | None:
    """The receipt that we wrote, for ten minutes."""
    try:
        text = keys.unseal(PURPOSE, visit, base64.urlsafe_b64decode(given.encode()))
    except (SealBroken, ValueError):
        return None
    number, due_at, until, phrase = text.strip().split(" ", 3)
    if now.timestamp() >= int(until):
        return None
    return Receipt(number, phrase, datetime.fromtimestamp(int(due_at), UTC))
