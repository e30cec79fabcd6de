"""The README's tables as the code would write them: `python -m tests.house.tables` prints them for its author."""

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from portal import limits
from portal.audit.events import Event
from portal.config import ROOT, Settings
from portal.limits import DAY, HOUR, MINUTE, Limit

SPELLS = {MINUTE: "minute", 10 * MINUTE: "10 minutes", HOUR: "hour", DAY: "day"}


def settings() -> list[str]:
    """One row a setting: variable, what it says, what it is by itself."""
    return [
        f"| `PORTAL_{name.upper()}` | {said.description} | {_default(said)} |"
        for name, said in Settings.model_fields.items()
    ]


def ledger() -> list[str]:
    """One row a limit: what is counted, and how many in which time."""
    return [f"| {limit.what} | {limit.amount} per {SPELLS[limit.per]} |" for limit in _limits()]


def events() -> list[str]:
    """One row an event of the trail, as it begins; the README says the rest."""
    return [f"| `{event.value}` |" for event in Event]


def _default(said: FieldInfo) -> str:
    value = said.default
    if value is None:
        return "–"
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _limits() -> Iterator[Limit]:
    for value in vars(limits).values():
        held = value if isinstance(value, tuple) else (value,)
        yield from (limit for limit in held if isinstance(limit, Limit))


if __name__ == "__main__":
    sys.stdout.write("\n".join([*settings(), "", *ledger(), "", *events(), ""]))
