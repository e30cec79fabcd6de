"""The vault: the key rings of a backup, which only the backup's secret opens, and only beside its own manifest."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from portal.sealing import KEY_BYTES, NONCE_BYTES

SALT_BYTES = 16
# 64 MiB and a tenth of a second for each guess (RFC 7914, section 2), should the secret be a poor one.
COST, BLOCK, LANES = 2**16, 8, 1


def lock(secret: str, rings: bytes, manifest: bytes) -> bytes:
    """Salt (16 bytes), nonce (12), and the rings in AES-256-GCM; a changed manifest no longer fits."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    return salt + nonce + AESGCM(_key(secret, salt)).encrypt(nonce, rings, manifest)


def unlock(secret: str, locked: bytes, manifest: bytes) -> bytes | None:
    """The rings; None if secret, rings or manifest are not those of the backup."""
    salt, rest = locked[:SALT_BYTES], locked[SALT_BYTES:]
    try:
        return AESGCM(_key(secret, salt)).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], manifest)
    except (InvalidTag, ValueError):
        return None


def _key(secret: str, salt: bytes) -> bytes:
    return Scrypt(salt, KEY_BYTES, COST, BLOCK, LANES).derive(secret.encode())
