"""Masks: enough of a field to know it again, too little to learn it."""

DOTS = "…"


def address(stored: str) -> str:
    """As in `a…@m…le`: the first sign before the @, and the first and the last two after it."""
    local, _, domain = stored.rpartition("@")
    return f"{local[:1]}{DOTS}@{domain[:1]}{DOTS}{domain[-2:]}"


def reference(stored: str) -> str:
    """The last three signs, of a long one; of a short one fewer."""
    return DOTS + stored[-min(3, len(stored) // 2) :] if len(stored) > 1 else DOTS
