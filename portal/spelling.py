"""Spelling: how values of settings are written; each refuses with words for whoever wrote them."""

import base64
import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
COUNTERS = ("memory", "redis", "rediss", "redis+unix")
MAILBOX = re.compile(r"[^@\s,]+@[^@\s,]+")
UNREADABLE = "is not spelled as a URL; in a password write / as %2F, @ as %40, : as %3A, # as %23, % as %25"
HOOK_PREFIX, SHORTEST_HOOK_KEY = "whsec_", 24
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def is_private(url: str, *, on_this_machine: bool, scheme: str = "https") -> bool:
    """Whether nobody on the way can read what is asked there: https, or plain http within this machine if allowed.

    With another encrypted `scheme`, such as ldaps, the same.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    within = on_this_machine and f"{parts.scheme}s" == scheme and parts.hostname in THIS_MACHINE
    return bool(parts.hostname) and (parts.scheme == scheme or within)


def _can_be_read(url: str, reader: Callable[[str], object]) -> str:
    try:
        reader(url)
    except (ValueError, ArgumentError):  # whose words would show a part of the password
        raise ValueError(UNREADABLE) from None
    return url


def _is_an_engine_of_ours(url: str) -> str:
    if url.partition(":")[0] not in DATABASES:
        raise ValueError(f"begins with none of {', '.join(DATABASES)}")
    return _can_be_read(url, make_url)


def _is_a_counter_of_ours(url: str) -> str:
    if url.partition("://")[0] not in COUNTERS:
        raise ValueError(f"begins with none of {', '.join(COUNTERS)}")
    return _can_be_read(url, lambda named: urlsplit(named).port)


def _are_networks(networks: str) -> str:
    for network in networks.split():
        ip_network(network)
    return networks


def _are_two_mailboxes(officers: str) -> str:
    named = {name.strip().casefold() for name in officers.split(",")}
    if len(named) != 2 or not all(MAILBOX.fullmatch(name) for name in named):
        raise ValueError("is not two mailboxes such as one@company.example, other@company.example")
    return officers


def _is_a_hook_secret(given: SecretStr) -> SecretStr:
    secret = given.get_secret_value()
    key = base64.b64decode(secret.removeprefix(HOOK_PREFIX), validate=True)
    if not secret.startswith(HOOK_PREFIX) or len(key) < SHORTEST_HOOK_KEY:
        raise ValueError(f"is not {HOOK_PREFIX} and at least {SHORTEST_HOOK_KEY} bytes in base64")
    return given


DatabaseUrl = Annotated[str, AfterValidator(_is_an_engine_of_ours)]
Counter = Annotated[str, AfterValidator(_is_a_counter_of_ours)]
Networks = Annotated[str, AfterValidator(_are_networks)]
HookSecret = Annotated[SecretStr, AfterValidator(_is_a_hook_secret)]
TwoMailboxes = Annotated[str, AfterValidator(_are_two_mailboxes)]
