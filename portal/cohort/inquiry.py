"""The inquiry: exports that were refused are read once more, slowly, for the line of each fault."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from portal.cohort import checks
from portal.cohort.engine import Engine, QueryFailed
from portal.cohort.exports import Export
from portal.cohort.faults import Faults
from portal.cohort.rules import Rules

TWICE = "the same brand and reference as an earlier row"
NOTHING = "there is nothing below the header"
STUCK = "the file cannot be read to its end: do its lines end in two ways, or is one longer than 2 MB?"
# Rows are numbered as they are read, over all files: within one file by what the files before it hold.
NUMBERED = "SELECT *, ROW_NUMBER() OVER () AS place FROM"


class Inquiry:
    """Looks for the lines of faults that the engine only counted."""

    def __init__(self, engine: Engine, rules: Rules) -> None:
        self._engine = engine
        self._rules = rules

    def faults(self, customers: Export, purchases: Export) -> dict[str, Faults]:
        """What is wrong, by file: first the shape of the files; if that is sound the cells; if they are, their lack."""
        return (
            {**customers.faults_of_shape(), **purchases.faults_of_shape()}
            or {**self._of(customers, is_customers=True), **self._of(purchases, is_customers=False)}
            or {**self._nothing_in(customers), **self._nothing_in(purchases)}
        )

    def _of(self, export: Export, *, is_customers: bool) -> dict[str, Faults]:
        found: dict[str, Faults] = {}
        for file in export.files:
            try:
                places = dict(self._places(export, file, is_customers=is_customers))
            except QueryFailed:
                found.setdefault(str(file), Faults()).add(0, STUCK)
                continue
            lines = enumerate(export.lines(file), 1)
            for place, line in islice(lines, max(places, default=0)):  # rows of Parquet are numbered without end
                for reason in places.get(place, ()):
                    found.setdefault(str(file), Faults()).add(line, reason)
        return found or (self._twice(export) if is_customers else {})

    def _places(self, export: Export, file: Path, *, is_customers: bool) -> Iterator[tuple[int, list[str]]]:
        relation = "customers" if is_customers else "purchases"
        self._engine.ask(f"CREATE OR REPLACE TEMP VIEW {relation} AS {export.relation_of(self._engine, file)}")
        listed = checks.of_accounts(self._rules) if is_customers else checks.of_deeds(self._rules)
        query = self._rules.accounts() if is_customers else self._rules.deeds(checks.WHEN)
        told = ", ".join(f"({condition})" for condition in listed.values())
        rows = self._engine.ask(
            f"SELECT place, {told} FROM ({NUMBERED} ({query})) WHERE {checks.any_of(listed)} ORDER BY place"
        )
        for place, *said in rows:
            yield place, [reason for reason, holds in zip(listed, said, strict=True) if holds]

    def _nothing_in(self, export: Export) -> dict[str, Faults]:
        """All files, if there is no row in any."""
        ((rows,),) = self._engine.ask(f"SELECT COUNT(*) FROM ({export.relation(self._engine)})")
        found = {} if rows else {str(file): Faults() for file in export.files}
        for faults in found.values():
            faults.add(0, NOTHING)
        return found

    def _twice(self, export: Export) -> dict[str, Faults]:
        """Accounts that are named twice, in one file or in several."""
        self._engine.ask(f"CREATE OR REPLACE TEMP VIEW customers AS {export.relation(self._engine)}")
        rows = self._engine.ask(
            f"SELECT place FROM ({NUMBERED} ({self._rules.accounts()})) QUALIFY ROW_NUMBER() OVER"
            " (PARTITION BY account_brand, account_reference ORDER BY place) > 1"
        )
        places, found = {place for (place,) in rows}, dict[str, Faults]()
        everywhere = ((file, line) for file in export.in_order(self._engine) for line in export.lines(file))
        for place, (file, line) in islice(enumerate(everywhere, 1), max(places, default=0)):
            if place in places:
                found.setdefault(str(file), Faults()).add(line, TWICE)
        return found
