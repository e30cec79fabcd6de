"""Letters as their readers see them, and the bags that they are found in."""

import email.policy
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from functools import lru_cache
from pathlib import Path

from portal.mail.postboxes.memory import MemoryPostbox
from tests.servers.relay import Relay

LINK = re.compile(r"https?://[^\s\"<>]+/v(?:\?lang=\w+)?#([0-9a-z]{20})\.([0-9a-z]{50})")
STOP_LINK = re.compile(r"https?://[^\s\"<>]+/revoke(?:\?lang=\w+)?#([0-9a-z]{20})\.([0-9a-z]{50})")
CODE = re.compile(r"(?<![0-9A-Za-z])([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})(?![0-9A-Za-z])")

# All letters to one address, oldest first.
Mailbag = Callable[[str], list["Letter"]]


@dataclass(frozen=True)
class Letter:
    """One letter; link, code and their parts are empty texts where it holds none."""

    message: EmailMessage

    @classmethod
    @lru_cache(200)  # a mailbag is looked into again and again
    def parse(cls, content: bytes) -> "Letter":
        """The letter in these bytes."""
        parsed = BytesParser(policy=email.policy.default).parsebytes(content)
        assert isinstance(parsed, EmailMessage)
        return cls(parsed)

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.message["Subject"])

    @property
    def plain(self) -> str:
        """Its plain text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML."""
        return self._part("html")

    @property
    def link(self) -> str:
        """The link that proves, as the plain text spells it."""
        return self._found(LINK)

    @property
    def public_id(self) -> str:
        """The name of its request."""
        return self._found(LINK, 1)

    @property
    def token(self) -> str:
        """The secret of the link."""
        return self._found(LINK, 2)

    @property
    def code(self) -> str:
        """The code, as the plain text spells it."""
        return self._found(CODE)

    @property
    def stop_link(self) -> str:
        """The link for those who did not ask."""
        return self._found(STOP_LINK)

    @property
    def stop_token(self) -> str:
        """The secret of that link."""
        return self._found(STOP_LINK, 2)

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"no {kind} part"
        return str(part.get_content())

    def _found(self, pattern: re.Pattern[str], group: int = 0) -> str:
        found = pattern.search(html.unescape(self.plain))
        return found.group(group) if found else ""


def at_relay(relay: Relay) -> Mailbag:
    """What a relay took."""
    return lambda address: [Letter.parse(received.content) for received in relay.to(address)]


def in_memory(postbox: MemoryPostbox) -> Mailbag:
    """What a memory postbox holds."""
    return lambda address: [Letter.parse(content) for to, content in postbox.letters if to == address]


def in_folder(folder: Path) -> Mailbag:
    """What a file postbox wrote."""

    def letters(address: str) -> list[Letter]:
        found = [Letter.parse(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
        return [letter for letter in found if letter.message["To"] == address]

    return letters
