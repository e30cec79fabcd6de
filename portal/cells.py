"""Cells: a table as CSV that no spreadsheet takes for formulas (CWE-1236)."""

import csv
import io
from collections.abc import Iterable, Sequence

# What begins a formula, also in its fullwidth form, or hides that something does.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def safe(value: object) -> str:
    """The value as a text that stays one: a quote goes before what a spreadsheet would calculate."""
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV (RFC 4180), each cell safe and quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([safe(value) for value in row] for row in rows)
    return out.getvalue()
