"""Closed cases are kept for a while; then nothing is left of what was said, nor of whose they were (OPS-06)."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.cases import forgetting
from portal.cases.messages import Message
from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import SENTENCE, answer_it, cases_in, come_back, receipt, write, write_own
from tests.cast import BO
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

pytestmark = pytest.mark.usefixtures("cast")


def close(visitor: Visitor, page: str) -> None:
    """Let the customer end the case that the browser has open."""
    assert visitor.post("/help/case/closure", {"csrf_token": token_on(visitor.get(page))}).status == 303


@requirement("OPS-06")
def test_a_closed_case_is_forgotten_after_half_a_year_and_an_open_one_is_not(
    visitor: Visitor, another_visitor: Visitor, database: Database, clock: StillClock, work: Callable[[], None]
) -> None:
    number, phrase = receipt(visitor, write(visitor, contact="x@mail.example"))
    other = receipt(another_visitor, write(another_visitor))
    come_back(visitor, number, phrase)
    close(visitor, "/help/case/read")
    clock.move(days=179)
    work()
    assert SENTENCE in come_back(visitor, number, phrase).text
    clock.move(days=1)
    work()
    assert come_back(visitor, number, phrase).status == 400
    assert SENTENCE in come_back(another_visitor, *other).text
    first, second = cases_in(database)
    assert (first.contact_sealed, first.mailbox, first.phrase_digest, first.reason) == (None, None, b"", "mailbox-gone")
    assert second.erased_at is None
    with database.read() as session:
        assert session.scalars(select(Message.case_id)).all() == [second.id]
        told = session.scalars(select(AuditEvent.subject).where(AuditEvent.kind == "case:forgotten")).all()
    assert told == [first.subject]


def test_nothing_of_a_proven_address_is_left_either(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock, work: Callable[[], None]
) -> None:
    visitor.arrive(BO.address)
    number, phrase = receipt(visitor, write_own(visitor))
    answer_it(database, keys, clock)
    come_back(visitor, number, phrase)
    close(visitor, "/help/case/read")
    [before] = cases_in(database)
    clock.move(days=180)
    work()
    [case] = cases_in(database)
    assert (case.customer_id, case.email_index, case.email_sealed) == (None, None, None)
    left = [value for name, row in everything(database) if name == "help_case" for value in row.values()]
    assert before.email_sealed not in left
    visitor.arrive(BO.address)
    assert number not in visitor.get("/help/mine").text


@requirement("OPS-06")
def test_many_are_forgotten_step_by_step_by_a_command_too(
    visitor: Visitor, database: Database, clock: StillClock, portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "STEP", 1)
    for _ in range(3):
        come_back(visitor, *receipt(visitor, write(visitor)))
        close(visitor, "/help/case/read")
    clock.move(days=180)
    said = portal.test_cli_runner().invoke(args=["retention", "apply"])
    assert "          3  closed cases" in said.stdout.splitlines()
    assert all(case.erased_at for case in cases_in(database))
