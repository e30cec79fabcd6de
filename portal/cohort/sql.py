"""SQL: names, words and conditions, spelled so that nothing in an incident file can step out of its quotes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo


def name(of: str) -> str:
    """A column or table."""
    return '"' + of.replace('"', '""') + '"'


def word(text: str) -> str:
    """A piece of text."""
    return "'" + text.replace("'", "''") + "'"


def words(texts: Iterable[str]) -> str:
    """Pieces of text, to be held against one."""
    return ", ".join(map(word, texts))


def cell(column: str | None) -> str:
    """What stands in a column, as text without spaces around it; empty where nothing stands, or there is no column."""
    return f"TRIM(COALESCE(CAST({name(column)} AS VARCHAR), ''))" if column else "''"


def meaning(column: str | None, spellings: Mapping[str, str], default: str | None = None) -> str:
    """What a cell means by the mapping; itself, if that does not say."""
    said = cell(column)
    if spellings:
        cases = " ".join(f"WHEN {word(spelling)} THEN {word(means)}" for spelling, means in spellings.items())
        said = f"CASE {said} {cases} ELSE {said} END"
    return f"COALESCE(NULLIF({said}, ''), {word(default)})" if default else said


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment as the clocks of a zone show it."""
    return f"CAST({word(at.astimezone(zone).strftime('%Y-%m-%d %H:%M:%S'))} AS TIMESTAMP)"


def among(what: str, members: Iterable[str], non_members: Iterable[str] = ()) -> list[str]:
    """The conditions that something is one of these, and none of those; none for what is not named."""
    wanted, unwanted = words(members), words(non_members)
    return [f"{what} IN ({wanted})"] * bool(wanted) + [f"{what} NOT IN ({unwanted})"] * bool(unwanted)


def both(conditions: Iterable[str]) -> str:
    """All of the conditions."""
    return " AND ".join(conditions) or "1 = 1"
