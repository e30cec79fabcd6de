"""Rehearsal: whoever knows the key may look behind the holding page for twelve hours."""

import hmac
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from portal.sealing import KeyRing

LIFETIME = timedelta(hours=12)
PURPOSE = "rehearsal"


def opens(key: str, given: str) -> bool:
    """Whether the given key is the key, in a time that tells nothing (ASVS 5.0, 11.2.4)."""
    return hmac.compare_digest(key.encode(), given.encode(errors="replace"))


def new_pass(keys: KeyRing, key: str, *, now: datetime) -> str:
    """A pass for twelve hours; it dies early if the rehearsal key changes."""
    return str(_signer(keys, key).dumps(int((now + LIFETIME).timestamp())))


def is_pass(keys: KeyRing, key: str, given: str, *, now: datetime) -> bool:
    """Whether this is a pass of ours that still holds."""
    try:
        until = _signer(keys, key).loads(given)
    except BadData:
        return False
    return isinstance(until, int) and now.timestamp() < until


def _signer(keys: KeyRing, key: str) -> URLSafeSerializer:
    older = [mac for key_id, mac in keys.macs(PURPOSE, key).items() if key_id != keys.current]
    return URLSafeSerializer([*older, keys.mac(PURPOSE, key)], salt=PURPOSE)
