"""The memory postbox: letters for those who stand beside it, such as tests."""

from dataclasses import dataclass, field

from portal.config import Settings
from portal.mail.postboxes.talk import Talk


@dataclass
class MemoryPostbox:
    """Keeps letters as (recipient, bytes)."""

    settings: Settings
    letters: list[tuple[str, bytes]] = field(default_factory=list)

    def talk(self, letter: bytes, *, sender: str, to: str) -> Talk:
        """There is nothing to wait for."""
        yield
        return self.deliver(letter, sender=sender, to=to)

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Keep it."""
        self.letters.append((to, letter))
        return "250 kept"
