"""The query engine: DuckDB in memory, which fetches nothing from elsewhere."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from portal.cohort.sql import word

SETTINGS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Who stands on the right of a join is looked up: it cannot tell that these rows are the narrow ones.
    "disabled_optimizers": "build_side_probe_side",
}


class QueryFailed(Exception):
    """The engine could not answer; what it says is left out, because it quotes cells."""


class Engine:
    """One database in memory, which spills into a folder, with the clocks of one zone."""

    def __init__(self, spill: Path, zone: str) -> None:
        # By name, so that the pages never load it.
        self._duckdb = import_module("duckdb")
        told = {**SETTINGS, "temp_directory": str(spill)}
        self._connection: Any = self._duckdb.connect(config=told)
        self.ask(f"SET TimeZone = {word(zone)}")
        # A bar with the time left, on a terminal, for what takes longer than two seconds.
        self.ask(f"SET enable_progress_bar = {sys.stdout.isatty()}")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of an answer; raises QueryFailed."""
        try:
            rows: list[tuple[Any, ...]] = self._connection.execute(query).fetchall()
        except self._duckdb.Error:
            raise QueryFailed from None
        return rows

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()
