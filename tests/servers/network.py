"""The network is off: whatever leaves this machine is a mistake, and fails where it was made."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None)
reached: list[str] = []


class NetworkIsOff(Exception):
    """A test reached for the outside."""


def switch_off() -> None:
    """Refuse every name and address but this machine's own, for the rest of the process."""
    sys.addaudithook(_refuse)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Whom somebody tried to reach outside meanwhile, even if the refusal was swallowed."""
    reached.clear()
    yield reached


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        raise _told(arguments[0])
    if (
        event in ("socket.connect", "socket.sendto")
        and isinstance(arguments[1], tuple)
        and not _is_here(arguments[1][0])
    ):
        raise _told(arguments[1])


def _told(whom: object) -> NetworkIsOff:
    reached.append(str(whom))
    return NetworkIsOff(whom)


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    return name in LOOPBACK or (name or "").startswith("127.")
