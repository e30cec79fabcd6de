"""The network is off: whatever leaves this machine is a mistake, and fails where it was made."""

import sys
from typing import Any

LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None)


class NetworkIsOff(Exception):
    """A test reached for the outside."""


def switch_off() -> None:
    """Refuse every name and address but this machine's own, for the rest of the process."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        raise NetworkIsOff(arguments[0])
    if (
        event in ("socket.connect", "socket.sendto")
        and isinstance(arguments[1], tuple)
        and not _is_here(arguments[1][0])
    ):
        raise NetworkIsOff(arguments[1])


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    return name in LOOPBACK or (name or "").startswith("127.")
