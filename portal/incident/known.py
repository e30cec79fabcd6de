"""What an incident file names, gathered before it is checked, so that one look finds every fault."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

NAMED = ("brands", "categories", "consequences", "advice", "offers")


@dataclass(frozen=True)
class Known:
    """The ids of each kind, the languages, and the zone."""

    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    zone: tzinfo = UTC

    def names(self, kind: str) -> tuple[str, ...]:
        """The ids of one kind: brands, categories, consequences, advice, offers, locales."""
        return self.ids.get(kind, ())

    def repeated(self) -> Iterator[tuple[str, str]]:
        """Each id that is given twice, with its kind."""
        for kind, names in self.ids.items():
            yield from ((kind, name) for name, times in Counter(names).items() if times > 1)


def gather(raw: dict[str, Any]) -> Known:
    """What a file names, however broken the rest of it is."""
    ids = {kind: _ids(raw.get(kind)) for kind in NAMED}
    locales = raw.get("locales")
    ids["locales"] = tuple(code for code in locales if isinstance(code, str)) if isinstance(locales, list) else ()
    return Known(ids, _zone(raw.get("zone")))


def _ids(table: object) -> tuple[str, ...]:
    rows = [row for row in table if isinstance(row, dict)] if isinstance(table, list) else []
    return tuple(row["id"] for row in rows if isinstance(row.get("id"), str))


def _zone(name: object) -> tzinfo:
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, KeyError):  # an unknown zone is a KeyError; a folder's name an OSError
        return UTC
