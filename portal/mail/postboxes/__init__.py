"""Postboxes: the ways out of the house, behind one protocol."""

from typing import Protocol

from portal.config import Settings
from portal.mail.postboxes.errors import Refused, Unavailable, Uncertain
from portal.mail.postboxes.file import FilePostbox
from portal.mail.postboxes.memory import MemoryPostbox
from portal.mail.postboxes.smtp import SmtpPostbox
from portal.mail.postboxes.talk import Talk


class Postbox(Protocol):
    """Takes one letter and answers what the other side said; raises Unavailable, Refused or Uncertain."""

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Hand one letter over."""

    def talk(self, letter: bytes, *, sender: str, to: str) -> Talk:
        """The same in steps."""


POSTBOXES = {"smtp": SmtpPostbox, "file": FilePostbox, "memory": MemoryPostbox}


def open_postboxes(settings: Settings) -> list[Postbox]:
    """The postboxes that the settings name: one for each line that is kept to the relay."""
    lines = settings.smtp_lines if settings.postbox == "smtp" else 1
    return [POSTBOXES[settings.postbox](settings) for _ in range(lines)]


__all__ = ["POSTBOXES", "Postbox", "Refused", "Talk", "Unavailable", "Uncertain", "open_postboxes"]
