"""A mail server that keeps nothing but the moment and the length of each letter, and may take its time."""

import asyncio
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """Takes every letter after so many seconds."""

    delay: float
    file: Path

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Note when it came and how long it is."""
        await asyncio.sleep(self.delay)
        with self.file.open("a") as file:
            file.write(f"{time.monotonic()} {len(envelope.content or b'')}\n")
        return "250 2.0.0 taken"


def main(port: int, delay: float, file: Path) -> None:
    """Serve until told to stop."""
    Controller(Sink(delay, file), hostname="127.0.0.1", port=port).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
