"""Contents: rows of any number, read in order and a batch at a time, and one digest over them all."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

BATCH = 5_000


def in_order(
    session: Session, question: Select[*tuple[Any, ...]], key: InstrumentedAttribute[Any]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of a question, ordered by a unique key, which must be its first column."""
    batch = session.execute(question.order_by(key).limit(BATCH)).all()
    while batch:
        yield from batch
        batch = session.execute(question.where(key > batch[-1][0]).order_by(key).limit(BATCH)).all()


def digest(rows: Iterable[object]) -> str:
    """SHA-256 over rows of plain values, in hexadecimal."""
    said = sha256()
    for row in rows:
        said.update(repr(row).encode())
    return said.hexdigest()
