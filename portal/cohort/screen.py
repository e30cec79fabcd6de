"""The operator's screen: tallies as tables, and a bar with rate and time left."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from portal.cohort.deriving import Explanation, Matched
from portal.cohort.loading import Progress as Told
from portal.cohort.rules import OTHERWISE
from portal.cohort.tally import WITHDRAWN, Tally
from portal.incident.rules import AFFECTED, NOT_AFFECTED, UNDER_REVIEW, UNKNOWN, Answer, Rule

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


def print_explanation(found: Explanation, rules: Sequence[Rule], otherwise: Answer) -> None:
    """Print what went in, how many accounts each rule decided, and which buyers are no customers."""
    console = Console(width=100)
    console.print(_by_rule(found, rules, otherwise))
    print_tally(found.tally)
    console.print(f"Read: {count(found.customers, 'customer')}, {count(found.purchases, 'purchase')}.")
    if found.strangers:
        theirs, strangers = count(found.their_purchases, "purchase"), count(found.strangers, "reference")
        console.print(f"Unmatched: {theirs} of {strangers} that no customer has, such as {_some(found.sample)}.")


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


def count(number: int, noun: str) -> str:
    """A number and its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _by_rule(found: Explanation, rules: Sequence[Rule], otherwise: Answer) -> Table:
    table = Table("rule", "who", "answer", title="Accounts by rule")
    table.add_column("accounts", justify="right")
    table.add_column("such as")
    decided = {matched.rule: matched for matched in found.matched}
    for number, answer in (*enumerate(rules, 1), (OTHERWISE, otherwise)):
        matched = decided.get(number, Matched(number, 0, ()))
        who = "; ".join(_conditions(answer)) if isinstance(answer, Rule) else "all others"
        cells = (str(number or "–"), escape(who), WORDS[answer.result], f"{matched.accounts:,}", _some(matched.sample))
        table.add_row(*cells)
    return table


def _conditions(rule: Rule) -> Iterator[str]:
    for condition, value in rule.model_dump(exclude_defaults=True, exclude=set(Answer.model_fields)).items():
        told = ", ".join(value) if isinstance(value, tuple) else f"{value:%Y-%m-%d %H:%M}"
        yield f"{condition.replace('_', ' ')} {told}"


def _some(references: Sequence[str]) -> str:
    return escape(", ".join(references))


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
