"""A message: what is written, by whom and to whom."""

from dataclasses import dataclass


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
    """A letter ready to go, but for its recipient's envelope; `headers` are those that only some letters have."""

    sender: Sender
    text: Text
    locale: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Drop:
    """Not to be sent any more, and why."""

    reason: str
