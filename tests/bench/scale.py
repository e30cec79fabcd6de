"""How much is measured: enough to judge by, or with `short` on the command line just a look."""

import sys

SHORT = "short"
IS_SHORT = SHORT in sys.argv[1:]


def shortened(amount: int, least: int) -> int:
    """The amount, or the least that still makes a row."""
    return least if IS_SHORT else amount
