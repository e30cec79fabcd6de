"""Places in a TOML file: the key as its writer spells it, and the line where it begins."""

import re
from collections import Counter

Loc = tuple[int | str, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]")
KEY = re.compile(r"""\s*["']?([^"'=#\[]+?)["']?\s*=""")


def key_of(loc: Loc) -> str:
    """`brands[2].origin`: counted from one, as people do."""
    spelled = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)
    return spelled.removeprefix(".") or "the file"


def line_of(text: str, loc: Loc) -> int:
    """The line of the nearest table or key that holds this place; 1 where there is none yet."""
    nearest, depth = 1, 0
    table: Loc = ()
    seen: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = here = _table(header, seen)
        elif key := KEY.match(line):
            here = (*table, key[1])
        else:
            continue
        if loc[: len(here)] == here and len(here) > depth:
            nearest, depth = number, len(here)
    return nearest


def _table(header: re.Match[str], seen: Counter[str]) -> Loc:
    if header[1] == "[":
        return tuple(header[2].split("."))
    seen[header[2]] += 1
    return (header[2], seen[header[2]] - 1)
