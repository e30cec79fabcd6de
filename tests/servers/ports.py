"""A free port of this machine."""

import secrets
import socket
from contextlib import suppress

# Below those that the system lends to whoever connects somewhere, and above those that browsers refuse.
OURS = range(12_000, 32_000)


def free_port() -> int:
    """A port that nobody uses now, on any address."""
    while True:
        port = secrets.choice(OURS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
