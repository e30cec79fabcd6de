"""The MIME form of a letter: what many letters share is encoded once, and nothing in one can begin another header."""

# The standard library's EmailMessage says the same, but takes a millisecond for each letter.

import re
from base64 import encodebytes
from datetime import datetime
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr
from functools import lru_cache
from hashlib import sha256

from portal.mail.message import Message

LONGEST_LINE = 990  # RFC 5322, section 2.1.1 allows 998; so a link stays on one line, unencoded
PLAIN = SMTP.clone(max_line_length=LONGEST_LINE)
INTERNATIONAL = SMTPUTF8.clone(max_line_length=LONGEST_LINE)
# Spelled the same in a header as on an envelope (RFC 5322, section 3.2.3).
ADDRESS = re.compile(r"(?!.*=\?)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9.-]+", re.ASCII)
WORD = re.compile(r"(?!.*=\?)[!-~]+")  # what begins with =? would be read as encoded (RFC 2047)
HEADER = re.compile(r"[^\r\n]+(?:\r\n[ \t][^\r\n]+)*\r\n")
COMMON = (
    ("Auto-Submitted", "auto-generated"),  # RFC 3834, section 5: no holiday reply comes back
    ("X-Auto-Response-Suppress", "All"),
    ("MIME-Version", "1.0"),
)


def mime(message: Message, *, to: str, message_id: str, now: datetime) -> bytes:
    """The letter as bytes: plain text first, HTML second, no tracking, nothing fetched from anywhere (EML-10).

    The same letter has the same bytes. Raises ValueError where a header would begin another.
    """
    international = not to.isascii()
    boundary = f"{'=' * 15}{int.from_bytes(sha256(message_id.encode()).digest()[:8]):020}=="
    headers = [
        _shared("From", formataddr((message.sender.name, message.sender.address)), international),
        _own("To", to, international, ADDRESS),
        _shared("Subject", message.text.subject, international),
        f"Date: {format_datetime(now)}\r\n",
        _own("Message-ID", message_id, international, WORD),
        *(_own(name, value, international, WORD) for name, value in message.headers),
        *(_shared(name, value, international) for name, value in COMMON),
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n',
        _shared("Content-Language", message.locale.replace("_", "-"), international),
    ]
    parts = _part("plain", message.text.plain, boundary), _part("html", message.text.html, boundary)
    return b"".join(("".join(headers).encode(), *parts, f"\r\n--{boundary}--\r\n".encode()))


def _own(name: str, value: str, international: bool, simple: re.Pattern[str]) -> str:
    """A header of this letter alone: what is simple stands as it is."""
    is_simple = simple.fullmatch(value) and len(name) + len(value) < LONGEST_LINE - 2
    return f"{name}: {value}\r\n" if is_simple else _header(name, value, international)


def _header(name: str, value: str, international: bool) -> str:
    rules = INTERNATIONAL if international else PLAIN
    folded: str = rules.fold(*rules.header_store_parse(name, value))
    if not HEADER.fullmatch(folded):
        raise ValueError(f"{name} would be more than one header")
    return folded


_shared = lru_cache(500)(_header)


def _part(kind: str, text: str, boundary: str) -> bytes:
    lines = text.encode().splitlines()
    body, encoding = b"\r\n".join(lines) + b"\r\n", "8bit"
    if max(map(len, lines), default=0) > LONGEST_LINE:
        body, encoding = encodebytes(body).replace(b"\n", b"\r\n"), "base64"
    elif body.isascii():
        encoding = "7bit"
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return f"\r\n--{boundary}\r\n{head}".encode() + body
