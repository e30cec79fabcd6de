"""An example of reading the cohort file; it stands in the README too, and needs nothing of the portal."""

import hmac
import json
from base64 import urlsafe_b64decode
from bisect import bisect_left
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def opened(file: bytes, key: str, newest: int = 0) -> tuple[dict[str, Any], bytes]:
    """The head and the accounts of a file that is ours, whole, and no older than the newest that we had."""
    first, second, accounts = file.split(b"\n", 2)
    (number, signature), (expected, public, _) = first.decode().split("."), key.split(".")
    Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(public)).verify(urlsafe_b64decode(signature), second)
    head = json.loads(second)
    if (number, sha256(accounts).hexdigest()) != (expected, head["sha256"]) or head["number"] < newest:
        raise ValueError("not the file that was signed, or an old one")
    return head, accounts


def must_reset(accounts: bytes, key: str, reference: str, changed_at: datetime) -> bool:
    """Whether the account is in the cohort, and its password from before the cut-off."""
    name = hmac.digest(urlsafe_b64decode(key.split(".")[2]), reference.encode(), "sha256")[:16]
    place = 20 * bisect_left(range(len(accounts) // 20), name, key=lambda at: accounts[20 * at : 20 * at + 16])
    found, cut_off = accounts[place : place + 16], int.from_bytes(accounts[place + 16 : place + 20])
    return found == name and changed_at.timestamp() < cut_off
