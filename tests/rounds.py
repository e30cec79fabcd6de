"""How often a matter of luck is tried: often enough for every change, a hundred times for `make soak`."""

import os


def rounds(usual: int) -> int:
    """As often as usual, unless RACE_ROUNDS says otherwise."""
    return int(os.environ.get("RACE_ROUNDS", usual))
