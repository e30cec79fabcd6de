"""Roles: what a member may do; nobody both proposes as an agent and approves (STF-04)."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """One role; a member holds one or more."""

    AGENT = "agent"
    APPROVER = "approver"
    CODE_MANAGER = "code-manager"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMIN = "admin"


APART = frozenset({Role.AGENT, Role.APPROVER})


class RolesRefused(ValueError):
    """No role at all, or two that one person may not hold together."""


def together(roles: Iterable[Role]) -> str:
    """The roles as a member's row holds them: sorted, with commas; raises RolesRefused."""
    held = frozenset(roles)
    if not held:
        raise RolesRefused("A member needs a role.")
    if held >= APART:
        raise RolesRefused("Nobody may be agent and approver at once.")
    return ",".join(sorted(held))


def apart(text: str) -> frozenset[Role]:
    """The roles that a row holds."""
    return frozenset(Role(name) for name in text.split(","))
