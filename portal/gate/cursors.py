"""Cursors: a place in the feed, signed for one brand; whoever made one up would miss changes without knowing."""

from hashlib import sha256

from itsdangerous import BadSignature, Signer

from portal.sealing import KeyRing

PURPOSE = "gate cursor"


class CursorRefused(Exception):
    """A cursor that we did not give, or from a database that is no more."""


def write(keys: KeyRing, brand: str, place: int) -> str:
    """The cursor for a place."""
    return _signer(keys, brand).sign(str(place)).decode()


def read(keys: KeyRing, brand: str, cursor: str) -> int:
    """The place of a cursor; raises CursorRefused."""
    try:
        return int(_signer(keys, brand).unsign(cursor))
    except (BadSignature, ValueError):
        raise CursorRefused from None


def _signer(keys: KeyRing, brand: str) -> Signer:
    older = [keys.mac(PURPOSE, brand, key_id=key_id) for key_id in keys.masters if key_id != keys.current]
    return Signer([*older, keys.mac(PURPOSE, brand)], salt=PURPOSE, digest_method=sha256)
