"""Postboxes: the ways out of the house, behind one protocol."""

from typing import Protocol

from portal.config import Settings
from portal.mail.postboxes.errors import Refused, Unavailable, Uncertain
from portal.mail.postboxes.file import FilePostbox
from portal.mail.postboxes.memory import MemoryPostbox
from portal.mail.postboxes.smtp import SmtpPostbox


class Postbox(Protocol):
    """Takes one letter and answers what the other side said; raises Unavailable, Refused or Uncertain."""

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Hand one letter over."""


POSTBOXES = {"smtp": SmtpPostbox, "file": FilePostbox, "memory": MemoryPostbox}


def open_postbox(settings: Settings) -> Postbox:
    """The postbox that the settings name."""
    postbox: Postbox = POSTBOXES[settings.postbox](settings)
    return postbox


__all__ = ["POSTBOXES", "Postbox", "Refused", "Unavailable", "Uncertain", "open_postbox"]
