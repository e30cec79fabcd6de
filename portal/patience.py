"""Patience with PostgreSQL: a server that holds the line and says nothing is given up like one that is gone."""

from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

# Whether it still answers, then if need be a new connection: both together within 5 seconds (ENG-04).
GREETING_SECONDS, CONNECTING_SECONDS, ANSWER_SECONDS = 1.5, 2, 3.5
LOOK_SECONDS = 0.1
T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits `patience` seconds for each answer, or for ever where that is None."""

    patience: float | None = ANSWER_SECONDS

    def wait(self, gen: PQGen[T], interval: float = LOOK_SECONDS, timeout: float | None = None) -> T:
        """The answer; raises OperationalError and hangs up where none comes."""
        began, patience = monotonic(), self.patience
        try:
            return super().wait(gen, interval, timeout or patience)
        except psycopg.OperationalError:
            if patience is not None and monotonic() - began >= patience:
                self.pgconn.finish()  # nobody knows what it would answer next
            raise


def teach(engine: Engine) -> None:
    """Let an engine open connections of this kind; what is first asked after a rest is whether anybody is there."""

    def connect(_dialect: object, _record: object, words: Any, said: Any) -> PatientConnection:
        return PatientConnection.connect(*words, **said)

    def rest(connection: PatientConnection | None, _record: object) -> None:
        if connection is not None:
            connection.patience = GREETING_SECONDS

    def work(connection: PatientConnection, _record: object, _proxy: object) -> None:
        connection.patience = ANSWER_SECONDS

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", work)
