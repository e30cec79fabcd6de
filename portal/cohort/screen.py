"""The operator's screen: tallies as tables, and a bar with rate and time left."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from portal.cohort.loading import Progress as Told
from portal.cohort.tally import WITHDRAWN, Tally
from portal.incident.rules import AFFECTED, NOT_AFFECTED, UNDER_REVIEW, UNKNOWN

WORDS = {
    AFFECTED: "affected",
    NOT_AFFECTED: "not affected",
    UNKNOWN: "cannot tell yet",
    UNDER_REVIEW: "under review",
    WITHDRAWN: "withdrawn",
}


def print_tally(tally: Tally) -> None:
    """Print the counts by brand and country, each by result, and by category."""
    console = Console(width=100)
    console.print(_by("brand", tally.brands, tally.results))
    console.print(_by("country", tally.countries, tally.results))
    if tally.categories:
        table = Table("category", title="Affected accounts by category")
        table.add_column("accounts", justify="right")
        for category, accounts in sorted(tally.categories.items()):
            table.add_row(category, f"{accounts:,}")
        console.print(table)


@contextmanager
def progress_bar(accounts: int) -> Iterator[Told]:
    """A bar on the terminal; what it gives is told how many accounts were written."""
    columns = (BarColumn(), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("load", total=accounts)
        yield lambda done: bar.advance(task, done)


class RateColumn(ProgressColumn):
    """How many accounts a second."""

    def render(self, task: Task) -> Text:
        """The mean of the last seconds."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} accounts/s" if speed else "")


def _by(noun: str, counts: Counter[tuple[str, str]], results: Counter[str]) -> Table:
    shown = [result for result in WORDS if results[result]]
    table = Table(noun, title=f"Accounts by {noun}")
    for result in shown:
        table.add_column(WORDS[result], justify="right")
    for name in sorted({name for name, _ in counts}):
        table.add_row(name or "not known", *(f"{counts[name, result]:,}" for result in shown))
    table.add_section()
    table.add_row("all", *(f"{results[result]:,}" for result in shown))
    return table
