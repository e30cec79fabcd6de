"""Faults of a customer list: the line and the reason, never what stands in the cells."""

from bisect import insort
from dataclasses import dataclass, field

SHOWN = 50


@dataclass(frozen=True)
class Fault:
    """One thing to mend in a list, by its line in the file, counted from one; 0 stands for all of it."""

    line: int
    reason: str

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"line {self.line}: {self.reason}" if self.line else self.reason


class ListRefused(Exception):
    """A list that is not taken, as a whole; nothing was changed."""

    def __init__(self, faults: "Faults") -> None:
        self.faults = faults
        more = f"\n  … and {faults.total - SHOWN:,} more" if faults.total > SHOWN else ""
        told = "".join(f"\n  {fault}" for fault in faults.first)
        super().__init__(f"{told}{more}")


@dataclass
class Faults:
    """The first faults of a list, and how many there are."""

    first: list[Fault] = field(default_factory=list)
    total: int = 0

    def add(self, line: int, reason: str) -> None:
        """Note a fault; past the first fifty lines it is only counted."""
        self._note(Fault(line, reason))
        self.total += 1

    def join(self, others: "Faults") -> None:
        """Note the faults of another part of the same list."""
        for fault in others.first:
            self._note(fault)
        self.total += others.total

    def refuse_if_any(self) -> None:
        """Raise ListRefused if a fault was noted."""
        if self.total:
            raise ListRefused(self)

    def _note(self, fault: Fault) -> None:
        if len(self.first) < SHOWN or fault.line < self.first[-1].line:
            insort(self.first, fault, key=lambda known: known.line)
            del self.first[SHOWN:]
