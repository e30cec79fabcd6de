"""The table: what was measured, against which floor, and whether the promise was kept."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

WIDTH = 150


@dataclass(frozen=True)
class Row:
    """One measurement; `kept` is None where nothing was promised."""

    what: str
    ours: str
    floor: str = ""
    ratio: str = ""
    promise: str = ""
    kept: bool | None = None
    cpu: str = ""


def show(rows: list[Row], machine: str) -> None:
    """Print the table."""
    table = Table(title=machine, title_justify="left", expand=False)
    for name in ("what", "ours", "floor", "ratio", "promise", "kept", "CPU a request: ours | floor"):
        table.add_column(name, overflow="fold")
    for row in rows:
        verdict = {True: "yes", False: "NO", None: ""}[row.kept]
        table.add_row(row.what, row.ours, row.floor, row.ratio, row.promise, verdict, row.cpu)
    Console(width=WIDTH).print(table)
