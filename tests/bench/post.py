"""The post: a sink for letters beside a place, up, slow or down, and what arrived there."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.place import PATIENCE_SECONDS, Place, Running


@dataclass
class Post:
    """The mail server of one place."""

    here: Place
    running: Running | None = None

    @property
    def file(self) -> Path:
        """Where it notes what came."""
        return self.here.folder / "letters.txt"

    def open(self, delay: float = 0.0) -> None:
        """Take letters from now on, each after so many seconds."""
        self.close()
        self.running = self.here.python("tests.bench.sink", str(self.here.smtp_port), str(delay), str(self.file))
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.here.smtp_port), timeout=2):
                return
            time.sleep(0.05)
        raise RuntimeError("the mail server does not answer")

    def close(self) -> None:
        """Refuse every connection."""
        if self.running is not None:
            self.running.stop()
            self.running = None

    def arrivals(self) -> list[tuple[float, int]]:
        """When each letter came, and its length."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [(float(moment), int(length)) for moment, length in map(str.split, lines)]

    def wait_for(self, count: int, seconds: float = 120) -> list[tuple[float, int]]:
        """The arrivals, once there are so many."""
        until, came = time.monotonic() + seconds, 0
        while not self.file.exists():
            time.sleep(0.02)
        with self.file.open("rb") as file:
            while (came := came + file.read().count(b"\n")) < count:
                if time.monotonic() > until:
                    raise RuntimeError(f"{came} of {count} letters came")
                time.sleep(0.02)
        return self.arrivals()
