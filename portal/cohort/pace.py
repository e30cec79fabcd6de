"""Pace: how many accounts one transaction takes, so that a page never waits long for SQLite's one writer."""

from collections.abc import Iterator

from portal.cohort.sealed import Sealed

# Seconds of a transaction: a page may meet two of them, and is to be there within half a second all the same.
LONG, SHORT = 0.15, 0.06
FEWEST = 125


class Pace:
    """Takes few at first; then half as many once that took long, as where the disk is slow, or twice as many."""

    def __init__(self, most: int) -> None:
        self._most, self._rows = most, most // 4

    def parts(self, sealed: Sealed) -> Iterator[Sealed]:
        """All of a piece, as many accounts at a time as the pace is by then."""
        begin = 0
        while begin < len(sealed.answers):
            part = sealed.part(begin, begin + self._rows)
            begin += len(part.answers)
            yield part

    def note(self, seconds: float) -> None:
        """Hear how long the last of them took."""
        if seconds > LONG:
            self._rows = max(FEWEST, self._rows // 2)
        elif seconds < SHORT:
            self._rows = min(self._most, self._rows * 2)
