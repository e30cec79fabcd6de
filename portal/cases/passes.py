"""Passes: a browser that showed number and phrase reads its case for half an hour; a visit does while it lasts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from portal.sealing import KeyRing

LIFETIME = timedelta(minutes=30)
PURPOSE = "case pass"


@dataclass(frozen=True)
class Pass:
    """The case that it opens, and the visit that it is good in, if it is a visit's."""

    case: UUID
    visit: UUID | None = None


def written(keys: KeyRing, held: Pass, *, now: datetime) -> str:
    """The pass as a cookie holds it."""
    until = int((now + LIFETIME).timestamp())
    return str(_signer(keys).dumps([held.case.hex, held.visit.hex if held.visit else "", until]))


def read(keys: KeyRing, given: str, *, now: datetime) -> Pass | None:
    """A pass that we wrote, while it holds."""
    try:
        case, visit, until = _signer(keys).loads(given)
        return Pass(UUID(case), UUID(visit) if visit else None) if now.timestamp() < until else None
    except (BadData, TypeError, ValueError):
        return None


def _signer(keys: KeyRing) -> URLSafeSerializer:
    older = [mac for key_id, mac in keys.macs(PURPOSE).items() if key_id != keys.current]
    return URLSafeSerializer([*older, keys.mac(PURPOSE)], salt=PURPOSE)
