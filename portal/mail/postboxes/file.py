"""The file postbox: letters as `.eml` files, newest last by name; for development only."""

import os
import time
from dataclasses import dataclass

from portal.config import Settings
from portal.mail.postboxes.errors import Unavailable
from portal.mail.postboxes.talk import Talk
from portal.tokens import fresh_id


@dataclass
class FilePostbox:
    """Writes each letter whole or not at all."""

    settings: Settings

    def talk(self, letter: bytes, *, sender: str, to: str) -> Talk:
        """There is nothing to wait for."""
        yield
        return self.deliver(letter, sender=sender, to=to)

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Write the letter beside its place, then move it there."""
        folder = self.settings.within(self.settings.letters)
        name = f"{time.time_ns():020d}-{fresh_id().hex[-8:]}.eml"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = folder / f"{name}.part"  # a name that nobody who looks for letters takes for one
            with unfinished.open("wb") as file:
                file.write(letter)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(folder / name)
        except OSError as error:
            raise Unavailable(type(error).__name__) from None
        return f"250 {name}"
