"""Fresh secrets, all from the system's random source, and the spelling rules of typed codes."""

import secrets
import time
from uuid import UUID

# Mail programs drop a trailing "-" or "_" from links, so secrets in links use neither.
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
# Crockford's base 32: no I, L, O, U; 8 characters are 40 bits.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u00a0": None, "\u2013": None})

TOKEN_LENGTH = 50  # 36^50 is just above 2^258 (ASVS 5.0, 11.5.1 asks for 128 bits, we for 256)
PUBLIC_ID_LENGTH = 20  # 103 bits: a name, not a secret, that still cannot be guessed
CODE_LENGTH = 8


def fresh_token() -> str:
    """A secret of 258 bits in [0-9a-z]."""
    return _fresh(ALPHABET, TOKEN_LENGTH)


def fresh_public_id() -> str:
    """A name of 103 bits in [0-9a-z] that may be shown."""
    return _fresh(ALPHABET, PUBLIC_ID_LENGTH)


def fresh_code() -> str:
    """A code of 40 bits that a person can read out and type."""
    return _fresh(CROCKFORD, CODE_LENGTH)


def fresh_id() -> UUID:
    """A row id as UUID version 7, sorted by birth to the quarter microsecond (RFC 9562, section 6.2, method 3)."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    ticks = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | ticks << 64 | 0x2 << 62 | secrets.randbits(62))


def is_token(text: str) -> bool:
    """Whether the text has the shape of a token; says nothing of its worth."""
    return len(text) == TOKEN_LENGTH and set(text) <= set(ALPHABET)


def is_public_id(text: str) -> bool:
    """Whether the text has the shape of a public id."""
    return len(text) == PUBLIC_ID_LENGTH and set(text) <= set(ALPHABET)


def read_code(typed: str) -> str | None:
    """The code as it was sent, from what a person typed: any case, spaces, dashes, O for 0, I or L for 1."""
    code = typed.upper().translate(LOOKALIKES).strip()
    return code if len(code) == CODE_LENGTH and set(code) <= set(CROCKFORD) else None


def show_code(code: str) -> str:
    """The code in two groups of four, as letters and pages show it."""
    return f"{code[:4]}-{code[4:]}"


def _fresh(alphabet: str, length: int) -> str:
    # One number for all signs: a sign at a time would ask the system fifty times.
    number, signs = secrets.randbelow(len(alphabet) ** length), []
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        signs.append(alphabet[place])
    return "".join(signs)
