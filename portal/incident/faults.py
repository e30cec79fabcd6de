"""Faults of an incident file: each names its place, what is wrong, and what to do."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from portal.config import HalfConfigured
from portal.incident.places import key_of, line_of


@dataclass(frozen=True)
class Fault:
    """One thing to mend: the file, the line or key in it, what is wrong, and what to do."""

    file: str
    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"{self.file}, {self.place}: {self.what}. {self.remedy}"


class IncidentFaults(HalfConfigured):
    """An incident file that cannot be used; holds every fault, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(f"The incident file cannot be used yet. Please mend:{told}")


# What the checking library says, as (what is wrong, what to do).
SAYINGS = {
    "missing": ("is missing", "Add it"),
    "extra_forbidden": ("does not belong here", "Remove it, or look for a spelling mistake"),
    "string_type": ("is not text", "Put it between quotes"),
    "string_too_short": ("is empty", "Fill it in"),
    "string_pattern_mismatch": ("is not spelled as a name for this is", "Use the form {pattern}"),
    "literal_error": ("is not one of the words allowed here", "Use one of: {expected}"),
    "zoneinfo_str": ("is not a time zone", 'Use a name of the IANA list, such as "Europe/London"'),
}
HINTS = {
    "otherwise": 'Add [otherwise] with result = "UNKNOWN", for everybody whom no rule names',
    "mapping": "Add [mapping] with the names of the columns of your customer list",
    "rules": "Add at least one [[rules]]",
}


def from_pydantic(file: str, text: str, error: ValidationError) -> list[Fault]:
    """The faults that a model found in a TOML file, with the line where each begins."""
    faults = []
    for found in error.errors():
        context = found.get("ctx", {})
        what, remedy = SAYINGS.get(found["type"], (f"is refused ({found['msg']})", "Correct the value"))
        if found["type"] == "fault":
            what, remedy = context["what"], context["remedy"]
        elif found["type"] == "missing":
            remedy = HINTS.get(str(found["loc"][-1]), remedy)
        place = f"line {line_of(text, found['loc'])}, {key_of(found['loc'])}"
        faults.append(Fault(file, place, what, remedy.format(**context) + "."))
    return faults


def parse(file: str, text: str, faults: list[Fault]) -> dict[str, Any] | None:
    """The tables of a TOML file; None if it is not TOML, which is added to the faults."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).rstrip(")").partition(" (at ")
        faults.append(Fault(file, place or "the end", f"is not TOML: {what}", "Look for a missing quote or bracket."))
        return None
