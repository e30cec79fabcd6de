"""The bench of the cohort room: lists to load, a loader over any database, and the whole database as plain rows."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.cohort.batches import Written
from portal.cohort.loading import Loader, Progress
from portal.cohort.result import AccountAnswer, answers
from portal.cohort.roster import Roster, inspect
from portal.database import Base, Database
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX, Customer, at_address
from portal.incident.revisions import current_number
from portal.sealing import KeyRing

COLUMNS = (
    "customer", "email", "country", "brand", "language", "result", "exposed", "guest", "social", "minor", "deceased",
)  # fmt: skip


def row(name: str, result: str = "NOT_AFFECTED", exposed: str = "", **said: str) -> dict[str, str]:
    """A sound row about somebody of the cast; any cell can be said otherwise."""
    usual = {"customer": f"{name}-1", "email": f"{name}@mail.example", "country": "GB", "brand": "stagelight-uk"}
    return {**dict.fromkeys(COLUMNS, ""), **usual, "result": result, "exposed": exposed, **said}


def people(count: int, result: str = "NOT_AFFECTED", exposed: str = "") -> list[dict[str, str]]:
    """So many made-up customers."""
    return [row(f"customer{number}", result, exposed) for number in range(count)]


def text(rows: Iterable[dict[str, str]]) -> str:
    """A list as an export writes it."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return sheet.getvalue()


@dataclass
class Bench:
    """Loads lists and asks for answers, as commands and pages do."""

    loader: Loader
    folder: Path

    @property
    def database(self) -> Database:
        """Where the lists go."""
        return self.loader.database

    @property
    def keys(self) -> KeyRing:
        """Under which keys."""
        return self.loader.keys

    def write(self, content: str | bytes) -> Path:
        """A list as a file."""
        path = self.folder / "list.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def inspected(self, *rows: dict[str, str]) -> Roster:
        """Check these rows."""
        return inspect(self.write(text(rows)), self.loader.incident, self.keys)

    def load(self, *rows: dict[str, str], progress: Progress = lambda _: None) -> tuple[int, Written]:
        """Check these rows and load them as a new revision."""
        return self.loader.load(self.inspected(*rows), progress)

    def accounts_of(self, name: str) -> list[Customer]:
        """The visible accounts at somebody's address."""
        indexes = self.keys.macs(ADDRESS_INDEX, read(f"{name}@mail.example").canonical).values()
        with self.database.read() as session:
            return at_address(session, indexes)

    def answers_for(self, name: str, number: int | None = None) -> list[AccountAnswer]:
        """What is told at somebody's address, as of a revision or the latest one."""
        with self.database.read() as session:
            return answers(session, self.accounts_of(name), number or current_number(session))

    def answer_for(self, name: str, number: int | None = None) -> AccountAnswer:
        """The answer of somebody with one account."""
        [answer] = self.answers_for(name, number)
        return answer


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table: what must not change when a list is refused."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
            for table in Base.metadata.sorted_tables
        }


MakeBench = Callable[[], Bench]
