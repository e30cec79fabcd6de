"""Codes are seen by their owners alone: not in letters, logs, events, headers, and not in the database."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.database import Base, Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.sealing import KeyRing
from tests.cast import AMARA, EMRE, settle
from tests.enrolment.bench import code_on, reveal, some_codes, stock_up
from tests.requirements import requirement
from tests.servers.app import Newcomer

CANARIES = some_codes(2, "CANARY")


def tell(newcomer: Newcomer, portal: Flask, database: Database, keys: KeyRing, work: Callable[[], None]) -> list[str]:
    """Amara gets her code at once, emre has to wait for his; returns the headers that were sent with them."""
    settle(database, keys)
    stock_up(database, keys, CANARIES[:1])
    amara, emre = newcomer("10.0.0.1"), newcomer("10.0.1.1")
    amara.arrive(AMARA.address)
    emre.arrive(EMRE.address)
    answers = [reveal(amara), reveal(emre)]
    stock_up(database, keys, CANARIES[1:])
    work()
    answers += [reveal(amara), reveal(emre), amara.get("/code"), emre.get("/status")]
    work()
    assert [code_on(answer) for answer in answers] == [CANARIES[0], "", *CANARIES, "", ""]
    portal.test_cli_runner().invoke(args=["codes", "stock"])
    return [f"{name}: {value}" for answer in answers for name, value in answer.headers.items()]


@requirement("COD-10", "OPS-01")
def test_nobody_but_the_owner_reads_a_code(
    newcomer: Newcomer,
    portal: Flask,
    postbox: MemoryPostbox,
    database: Database,
    keys: KeyRing,
    work: Callable[[], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    headers = tell(newcomer, portal, database, keys, work)
    with database.read() as session:
        events = [[event.kind, event.subject, event.details] for event in session.scalars(select(AuditEvent))]
    with database.engine.connect() as connection:
        rows = [repr(tuple(row)) for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    logs = "".join(capfd.readouterr())
    letters = [letter.decode() for _, letter in postbox.letters]
    assert len(letters) == 3
    assert "enrolment.reveal" in logs
    assert {kind for kind, _, _ in events} >= {"code:granted", "code:awaited", "code:revealed"}
    for told in (*letters, logs, json.dumps(events), *rows, *headers):
        assert "CANARY" not in told.upper()
        assert "000000-QXZ" not in told
