"""Addresses: read once, on the way in, into the forms that are stored, compared and counted; never a look at DNS."""

import re
import unicodedata
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

LONGEST_BYTES = 254  # RFC 5321, section 4.5.3.1.3 as corrected by RFC 3696, erratum 1690
LONGEST_LOCAL_BYTES = 64  # RFC 5321, section 4.5.3.1.1

# What people paste around an address. A line break is not among it: whoever sends one means harm.
PADDING = " \t\u00a0\u3000"
# The fullwidth forms of ASCII, which East Asian keyboards type (Unicode, block FF00).
FULLWIDTH = {0xFF00 + low: 0x20 + low for low in range(0x01, 0x5F)}
# The ideographic full stops, which UTS-46 reads as dots between labels.
DOTS = str.maketrans("\u3002\uff61", "..")
LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

# Quotes, comments, lists, routes, brackets, escapes, spaces and controls: mail programs disagree about them (EML-02).
FORBIDDEN = re.compile(r'[\x00-\x20\x7f"(),:;<>\[\\\]]')
DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# Two labels or more; the last begins with a letter, so that no number of a machine passes for a domain.
DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])",
)
ALIEN_LABEL = re.compile(r"(?:^|\.)xn--", re.IGNORECASE)


class AddressRefused(ValueError):
    """Not an address that we would write to; its text is the reason, never the address."""


class Address(NamedTuple):
    """One address: `stored` is what SMTP gets, `canonical` what is compared, `mailbox` what limits are counted by."""

    stored: str
    canonical: str
    mailbox: str


def read(text: str) -> Address:
    """The address that was typed or exported; raises AddressRefused."""
    local, domain = _parts(_normal(text))
    if not (local.isascii() and domain.isascii()) or ALIEN_LABEL.search(domain):
        local, domain = _international(local, domain)
    if local.isascii() and not DOT_ATOM.fullmatch(local):
        raise AddressRefused("nothing, or a dot too many, before the @")
    if not DOMAIN.fullmatch(domain):
        raise AddressRefused("no domain name after the @")
    stored = f"{local}@{domain}"
    if len(stored.encode()) > LONGEST_BYTES or len(local.encode()) > LONGEST_LOCAL_BYTES:
        raise AddressRefused("too long")
    same, place = _lower(local), _lower(domain)
    return Address(stored, f"{same}@{place}", f"{_mailbox(same)}@{place}")


def canonical(text: str) -> str:
    """How an address is compared; raises AddressRefused."""
    return read(text).canonical


def mailbox(text: str) -> str:
    """What an address is counted by, however many names its mailbox has; raises AddressRefused."""
    return read(text).mailbox


def _normal(text: str) -> str:
    """NFKC, but nothing becomes ASCII by it except the fullwidth forms."""
    if len(text) > 4 * LONGEST_BYTES:
        raise AddressRefused("too long")
    folded = text.strip(PADDING)
    plain = folded.isascii()
    if not plain:
        folded = folded.translate(FULLWIDTH)
    if FORBIDDEN.search(folded):
        raise AddressRefused("a space, a bracket, a quote or another sign that addresses do not have")
    if plain:
        return folded
    if any(_poses(sign) for sign in folded):
        raise AddressRefused("a sign that only looks like a letter")
    return unicodedata.normalize("NFKC", folded)


def _lower(text: str) -> str:
    # Only A to Z: any other folding would make strangers of one alphabet twins in another (EML-03).
    return text.lower() if text.isascii() else text.translate(LOWER)


def _poses(sign: str) -> bool:
    """Whether a sign outside ASCII would turn into ASCII: a ligature, the Kelvin sign, a raised 2."""
    return not sign.isascii() and any(part.isascii() for part in unicodedata.normalize("NFKC", sign))


def _parts(text: str) -> tuple[str, str]:
    if text.count("@") != 1:
        raise AddressRefused("not exactly one @")
    local, _, domain = text.partition("@")
    return local, domain.translate(DOTS)


def _international(local: str, domain: str) -> tuple[str, str]:
    """The local part in NFC and the domain in A-labels (UTS-46, not transitional: ß stays ß)."""
    try:
        seen = validate_email(
            f"{local}@{domain}", check_deliverability=False, globally_deliverable=False, allow_quoted_local=False
        )
    except EmailNotValidError:
        raise AddressRefused("letters or a domain that mail does not allow") from None
    return seen.local_part, seen.ascii_domain if not domain.isascii() else domain


def _mailbox(local: str) -> str:
    """Variants that mail services bring to one mailbox, as one (EML-08); never used to tell who somebody is."""
    return (local.partition("+")[0] or local).replace(".", "").casefold()
