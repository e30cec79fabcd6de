"""Blind index and sealing: what a thief of the database learns is nothing, because these keys lie elsewhere."""

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
MOST_KEYS = 255  # a sealed value names its key in one byte
NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2: 96 bits


class SealBroken(Exception):
    """A sealed value does not open: another key, another row, or it was changed."""


class KeysUnreadable(Exception):
    """The key file is missing, damaged, or names no current key."""


@cache
def _derive(master: bytes, purpose: str) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, purpose.encode()).derive(master)


@cache
def _cipher(master: bytes, purpose: str) -> AESGCM:
    return AESGCM(_derive(master, purpose))


def _bytes_of(*rows: UUID) -> bytes:
    return b"".join([row.bytes for row in rows])


@dataclass(frozen=True, repr=False)
class KeyRing:
    """Master keys by id (1 to 255), of which one is current; every purpose has a key of its own derived from it."""

    masters: dict[int, bytes]
    current: int

    @classmethod
    def fresh(cls) -> "KeyRing":
        """A ring with one new random key."""
        return cls({1: secrets.token_bytes(KEY_BYTES)}, 1)

    @classmethod
    def read(cls, path: Path) -> "KeyRing":
        """The ring in a key file; raises KeysUnreadable."""
        try:
            return cls.parse(path.read_text())
        except (OSError, ValueError, KeysUnreadable) as error:
            raise KeysUnreadable(
                f"{path}: {error if isinstance(error, KeysUnreadable) else type(error).__name__}"
            ) from None

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """The ring in the text of a key file; raises KeysUnreadable."""
        try:
            held = json.loads(text)
            masters = {int(name): base64.b64decode(key, validate=True) for name, key in held["keys"].items()}
            ring = cls(masters, int(held["current"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeysUnreadable(type(error).__name__) from None
        sound = all(0 < name < 256 and len(key) == KEY_BYTES for name, key in masters.items())
        if not sound or ring.current not in masters:
            raise KeysUnreadable("a key of the wrong length, or no current key")
        return ring

    def keep(self, path: Path) -> bool:
        """Write a new key file that its owner alone can read; False if one is there, which stays as it is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(handle, "w") as file:
            file.write(self.written())
            file.flush()
            os.fsync(file.fileno())
        return True

    def replace(self, path: Path) -> None:
        """Write over a key file, for the owner that it has; whoever reads it finds the old ring or this one."""
        new, owner = path.with_name(f"{path.name}.new"), path.stat()
        new.unlink(missing_ok=True)
        self.keep(new)
        os.chown(new, owner.st_uid, owner.st_gid)
        new.replace(path)
        # A power cut must not bring the shorter ring back once something is sealed with the new key.
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def with_another(self) -> "KeyRing":
        """This ring with one more random key, which is not the current one yet; raises ValueError beyond 255."""
        number = max(self.masters) + 1
        if number > MOST_KEYS:
            raise ValueError(number)
        return KeyRing({**self.masters, number: secrets.token_bytes(KEY_BYTES)}, self.current)

    def without(self, number: int) -> "KeyRing":
        """This ring without one of its keys, which must not be the current one; raises ValueError."""
        if number == self.current or number not in self.masters:
            raise ValueError(number)
        return KeyRing({name: key for name, key in self.masters.items() if name != number}, self.current)

    def written(self) -> str:
        """The text of a key file."""
        keys = {str(name): base64.b64encode(key).decode() for name, key in self.masters.items()}
        return json.dumps({"current": self.current, "keys": keys}, indent=2) + "\n"

    def mac(self, purpose: str, *parts: str, key_id: int | None = None) -> bytes:
        """HMAC-SHA-256 over the parts, each with its length in front, under the purpose's key; 32 bytes."""
        message = b"".join([len(raw).to_bytes(4) + raw for raw in map(str.encode, parts)])
        return hmac.digest(_derive(self.masters[key_id or self.current], purpose), message, "sha256")

    def macs(self, purpose: str, *parts: str) -> dict[int, bytes]:
        """The MAC under every live key: what a look-up has to try while keys are being changed."""
        return {key_id: self.mac(purpose, *parts, key_id=key_id) for key_id in self.masters}

    def seal(self, purpose: str, row: UUID, text: str, *within: UUID) -> bytes:
        """AES-256-GCM bound to purpose, row and what it is part of: key id (1 byte), nonce (12), ciphertext, tag."""
        nonce, bound = secrets.token_bytes(NONCE_BYTES), _bytes_of(row, *within)
        sealed = _cipher(self.masters[self.current], purpose).encrypt(nonce, text.encode(), bound)
        return bytes([self.current]) + nonce + sealed

    def unseal(self, purpose: str, row: UUID, sealed: bytes, *within: UUID) -> str:
        """The text that was sealed for this purpose, this row and what it is part of; raises SealBroken."""
        try:
            cipher = _cipher(self.masters[sealed[0]], purpose)
            nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
            return cipher.decrypt(nonce, body, _bytes_of(row, *within)).decode()
        except (InvalidTag, KeyError, IndexError, ValueError):
            raise SealBroken(purpose) from None
