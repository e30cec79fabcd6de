"""The identity room's bench: what is looked at beside the pages themselves."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from portal.database import Base, Database
from portal.enrolment import grants
from portal.identity import answering, links
from portal.identity.links import LinkRequest
from portal.tokens import fresh_token
from tests.visitor import Answer, Visitor

SECRET = re.compile(r"(?<![0-9a-z])(?:[0-9a-z]{50}|[0-9a-z]{20})(?![0-9a-z])")
UNTIL = re.compile(r"Expires=[^;]+")

# Every row of every table, as (table, row).
Rows = list[tuple[str, dict[str, Any]]]


@contextmanager
def traced(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that the database hears meanwhile, with its parameters; only the beginnings are left out."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not statement.startswith("BEGIN"):
            heard.append((" ".join(statement.split()), parameters))

    event.listen(database.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(database.engine, "before_cursor_execute", hear)


def statements(heard: list[tuple[str, Any]]) -> list[str]:
    """What was said to the database, without the values."""
    return [statement for statement, _ in heard]


def outside(answer: Answer) -> tuple[object, ...]:
    """All that anybody can see of an answer: status, headers in their order, bytes; secrets count by their length."""
    told = [(name, UNTIL.sub("Expires=then", value)) for name, value in answer.headers]  # type: ignore[misc]
    headers = tuple((name, SECRET.sub(_masked, value)) for name, value in told)
    return answer.status, headers, SECRET.sub(_masked, answer.text)


def everything(database: Database) -> Rows:
    """What stands in the database now."""
    with database.engine.connect() as connection:
        return [
            (table.name, dict(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
        ]


def requests_of(database: Database) -> list[LinkRequest]:
    """Every link request, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(LinkRequest).order_by(LinkRequest.id)))


def states_of(database: Database) -> list[str]:
    """The states of all link requests, oldest first."""
    return [request.state for request in requests_of(database)]


def cookie(visitor: Visitor, name: str) -> str | None:
    """A cookie that the visitor's browser keeps."""
    kept = visitor.browser.client.get_cookie(name)  # type: ignore[attr-defined]
    return kept.value if kept else None


def give_cookie(visitor: Visitor, name: str, value: str) -> None:
    """Let the visitor's browser keep a cookie."""
    visitor.browser.client.set_cookie(name, value)  # type: ignore[attr-defined]


def move_to(visitor: Visitor, number: int) -> None:
    """Let the visitor come from one of many hosts, each in a network of its own, so that no web limit is met."""
    visitor.browser.client.environ_base["REMOTE_ADDR"] = f"10.{number // 250}.{number % 250}.7"  # type: ignore[attr-defined]


def answer_all(app: Flask) -> None:
    """Let the worker answer every request that waits, but send no letter yet."""
    held = app.extensions["portal"]
    with held.database.write() as session:
        while answering.answer_next(session, held.keys, grants.follow, answer_unknown=True, now=held.clock()):
            pass


def ask_directly(app: Flask, addresses: Iterable[str], network: str = "203.0.113.0/24", host: str = "") -> None:
    """Write down what `/start` writes down for these addresses, asked for from one network."""
    held, asker = app.extensions["portal"], {"cookie": fresh_token(), "host": host or network, "network": network}
    page = {"origin": "http://localhost", "locale": "en", "browser": "Firefox"}
    with held.database.write() as session:
        for address in addresses:
            session.add(links.new_request(held.keys, address=address, now=held.clock(), **asker, **page))


def _masked(secret: re.Match[str]) -> str:
    return "~" * len(secret[0])
