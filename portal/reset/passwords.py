"""Passwords: what a store accepts; long ones of any characters, and no other rules (PWD-01, PWD-02)."""

from collections.abc import Callable, Container, Iterable
from enum import Enum

from portal.reset.blocklist import why_blocked
from portal.reset.guessing import Weakness
from portal.reset.stores.protocol import Need, Policy


class Fault(Enum):
    """What may be wrong with a new password, besides being weak."""

    EMPTY = "empty"
    SHORT = "short"
    LONG = "long"
    SAME = "same"
    SIGNS = "signs"


HAS: dict[Need, Callable[[str], bool]] = {
    Need.UPPER: str.isupper,
    Need.LOWER: str.islower,
    Need.DIGIT: str.isdigit,
    Need.SYMBOL: lambda sign: not sign.isalnum(),
}


def fault_of(
    password: str, policy: Policy, context: Iterable[str], known: Container[str] = ()
) -> Fault | Weakness | None:
    """What is wrong with it, or None; lengths are in code points, and nothing is ever cut off.

    `known` are passwords that were found in breaches.
    """
    if not password:
        return Fault.EMPTY
    if len(password) < policy.minimum:
        return Fault.SHORT
    if len(password) > policy.maximum or len(password.encode()) > policy.most_bytes:
        return Fault.LONG
    if lacking(password, policy):
        return Fault.SIGNS
    return Weakness.COMMON if password in known else why_blocked(password, context)


def lacking(password: str, policy: Policy) -> tuple[Need, ...]:
    """The kinds of signs that the store asks for and this password has not."""
    return tuple(need for need in policy.needs if not any(map(HAS[need], password)))
