"""Passes: a browser that showed number and phrase reads its case for half an hour."""

from datetime import datetime, timedelta
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from portal.sealing import KeyRing

LIFETIME = timedelta(minutes=30)
PURPOSE = "case pass"


def new_pass(keys: KeyRing, case: UUID, *, now: datetime) -> str:
    """A pass to one case."""
    return str(_signer(keys).dumps([case.hex, int((now + LIFETIME).timestamp())]))


def read_pass(keys: KeyRing, given: str, *, now: datetime) -> UUID | None:
    """The case that a pass of ours opens while it holds, or None."""
    try:
        case, until = _signer(keys).loads(given)
        return UUID(case) if now.timestamp() < until else None
    except (BadData, TypeError, ValueError):
        return None


def _signer(keys: KeyRing) -> URLSafeSerializer:
    older = [mac for key_id, mac in keys.macs(PURPOSE).items() if key_id != keys.current]
    return URLSafeSerializer([*older, keys.mac(PURPOSE)], salt=PURPOSE)
