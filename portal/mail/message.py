"""A message: what is written, by whom and to whom, and its MIME form."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr

LONGEST_LINE = 990  # RFC 5322, section 2.1.1 allows 998; so a link stays on one line, unencoded


@dataclass(frozen=True)
class Text:
    """A rendered letter in its three parts."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True)
class Sender:
    """Whom letters come from, and how to reach a person there."""

    name: str
    address: str
    company: str
    contact_email: str
    contact_phone: str
    postal_address: str


@dataclass(frozen=True)
class Message:
    """A letter ready to go, but for its recipient's envelope."""

    sender: Sender
    text: Text
    locale: str


@dataclass(frozen=True)
class Drop:
    """Not to be sent any more, and why."""

    reason: str


def mime(message: Message, *, to: str, message_id: str, now: datetime) -> bytes:
    """The letter as bytes: plain text first, HTML second, no tracking, nothing fetched from anywhere (EML-10)."""
    policy = SMTP if to.isascii() else SMTPUTF8
    letter = EmailMessage(policy=policy.clone(max_line_length=LONGEST_LINE))
    letter["From"] = formataddr((message.sender.name, message.sender.address))
    letter["To"] = to
    letter["Subject"] = message.text.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = message_id
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834, section 5: no holiday reply comes back
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(message.text.plain)
    letter.add_alternative(message.text.html, subtype="html")
    letter["Content-Language"] = message.locale.replace("_", "-")
    return letter.as_bytes()
