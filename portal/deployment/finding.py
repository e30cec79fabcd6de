"""A finding of the doctor's: one fact that was tried, and what to do where it is not as it should be."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How a fact is; the words stand at the start of its line."""

    WELL = "good"
    LOOK = "look"
    MEND = "MEND"


@dataclass(frozen=True)
class Finding:
    """What was tried, what came of it, and what to do about it."""

    about: str
    verdict: Verdict
    fact: str
    advice: str = ""

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"{self.verdict.value}  {self.about}: {self.fact}. {self.advice}".rstrip()


def well(about: str, fact: str) -> Finding:
    """A fact that is as it should be."""
    return Finding(about, Verdict.WELL, fact)


def look(about: str, fact: str, advice: str) -> Finding:
    """A fact that only a person can judge."""
    return Finding(about, Verdict.LOOK, fact, advice)


def mend(about: str, fact: str, advice: str) -> Finding:
    """A fact that must be mended before customers come."""
    return Finding(about, Verdict.MEND, fact, advice)
