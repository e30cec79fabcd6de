"""The cohort file: who must set a new password, signed, and readable by the one brand's log-in alone."""

# Its first line is the number of the key and an Ed25519 signature of the second line; that is JSON, and holds the
# SHA-256 of the rest; which has 20 bytes an account, sorted: the first 16 of HMAC-SHA-256 over the reference, and the
# moment before which a password is too old, in seconds since 1970, the highest byte first.

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import digest
from math import ceil
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.sealing import KeyRing

SIGNATURE, BLINDING = "gate cohort signature", "gate cohort references"
NAME_BYTES, MOMENT_BYTES = 16, 4


def entry(blinding: bytes, reference: str, too_old: datetime) -> bytes:
    """One account: its blinded reference, and the moment before which a password is too old."""
    name = digest(blinding, reference.encode(), "sha256")[:NAME_BYTES]
    return name + ceil(too_old.timestamp()).to_bytes(MOMENT_BYTES)


def blinding_of(keys: KeyRing, brand: str) -> bytes:
    """What blinds a brand's references: without it a stolen file tells nobody's name."""
    return keys.mac(BLINDING, brand)


def key_of(keys: KeyRing, brand: str) -> str:
    """What the brand's log-in needs to read the file: the key's number, what verifies, and what blinds."""
    public = _signing(keys, brand).public_key().public_bytes_raw()
    return f"{keys.current}.{_text(public)}.{_text(blinding_of(keys, brand))}"


def whole(keys: KeyRing, brand: str, head: dict[str, Any], entries: Sequence[bytes]) -> bytes:
    """The file, signed for the brand, of entries in their order; the head has number, moment and what to show."""
    rest = b"".join(entries)
    second = _json({"format": 1, "brand": brand, **head, "accounts": len(entries), "sha256": sha256(rest).hexdigest()})
    return f"{keys.current}.{_text(_signing(keys, brand).sign(second))}\n".encode() + second + b"\n" + rest


def fingerprint(keys: KeyRing, shown: dict[str, Any], entries: Iterable[bytes]) -> str:
    """What is the same for two files that say the same, whenever they were made."""
    held = sha256(f"{keys.current}".encode() + _json(shown))
    for one in entries:
        held.update(one)
    return held.hexdigest()


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _signing(keys: KeyRing, brand: str) -> Ed25519PrivateKey:
    # A key a brand: a file of another one names nobody of ours, and would let everybody in.
    return Ed25519PrivateKey.from_private_bytes(keys.mac(SIGNATURE, brand))


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode()
