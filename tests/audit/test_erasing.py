"""Erasing a person leaves the chain whole, and what the trail still says leads back to nobody."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.identity.links import MAILBOX
from portal.schema import metadata
from portal.sealing import KeyRing
from tests import cast
from tests.audit.conftest import faults
from tests.enrolment.bench import reveal, some_codes, stock_up
from tests.requirements import requirement
from tests.reset.bench import NEW, form_on, give_passwords
from tests.visitor import Visitor

pytestmark = requirement("ENG-01")

OF_THE_INCIDENT = {"audit_event", "audit_seal", "revision", "archived_file"}
# Numbers and days aside, details say words of ours: too plain for an address, a token or anything sealed.
WORD = re.compile(r"[a-zA-Z][a-zA-Z_, +-]{1,40}|\d{4}-\d{2}-\d{2}")


@pytest.fixture
def lived(
    portal: Flask, visitor: Visitor, database: Database, keys: KeyRing, work: Callable[[], None]
) -> list[AuditEvent]:
    """Emre's whole way: a wrong code, the proof, his answer, a new password, a code; then he leaves."""
    cast.settle(database, keys)
    give_passwords(database, keys)
    stock_up(database, keys, some_codes(3))
    work()
    visitor.ask(cast.EMRE.address)
    letter = visitor.letter(cast.EMRE.address)
    visitor.post("/v", {"public_id": letter.public_id, "code": "ZZZZ-ZZZZ"})
    visitor.follow(letter)
    visitor.get("/status")
    form_on(visitor.get("/password")).send(visitor, NEW)
    reveal(visitor)
    visitor.act("/status", "/leave")
    visitor.ask(cast.FATOU.address)
    work()
    return trail_of(database)


def trail_of(database: Database) -> list[AuditEvent]:
    with database.read() as session:
        return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


def erase_everybody(database: Database) -> None:
    """Take every row of every person away, as if all had asked for it."""
    with database.write() as session:
        for table in reversed(metadata.sorted_tables):
            if table.name not in OF_THE_INCIDENT:
                session.execute(delete(table))
    with database.read() as session:
        assert session.scalar(select(Customer.id).limit(1)) is None


@requirement("STF-14")
def test_erasing_everybody_leaves_the_chain_whole(
    portal: Flask, lived: list[AuditEvent], database: Database, audit_keys: KeyRing
) -> None:
    erase_everybody(database)
    assert [event.subject for event in trail_of(database)] == [event.subject for event in lived]
    assert faults(database, audit_keys) == []
    settings = portal.extensions["portal"].settings
    folder = str(settings.within(settings.anchors))
    said = portal.test_cli_runner().invoke(args=["audit", "verify", "--anchors", folder])
    assert (said.exit_code, "The trail is whole" in said.output) == (0, True), said.output


@requirement("STF-14")
def test_what_is_left_says_no_address_and_no_name(lived: list[AuditEvent], keys: KeyRing) -> None:
    kinds = {event.kind for event in lived}
    assert kinds >= {
        "link:minted",
        "proof:refused",
        "visit:opened",
        "result:shown",
        "reset:done",
        "code:revealed",
        "visit:left",
    }
    left = json.dumps([[event.actor, event.subject, event.details] for event in lived])
    assert "@" not in left
    for person in (*cast.CUSTOMERS, cast.FATOU):
        # As a word: a random id may happen to hold the letters of a short name.
        assert not re.search(rf"(?<![0-9a-z]){person.name}(?![0-9a-z])", left, re.IGNORECASE)
        for purpose in (ADDRESS_INDEX, MAILBOX):  # an index is no name, but with the keys it would find one
            assert keys.mac(purpose, person.address).hex() not in left


@requirement("STF-14")
def test_details_are_numbers_or_words_of_ours(lived: list[AuditEvent]) -> None:
    said = {value for event in lived for value in event.details.values()}
    assert {value for value in said if isinstance(value, str) and not WORD.fullmatch(value)} == set()
    assert [value for value in said if isinstance(value, str)]


@requirement("STF-14")
def test_no_row_of_a_person_is_tied_to_the_trail() -> None:
    tied = {
        (table.name, key.column.table.name)
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if "audit" in table.name + key.column.table.name
    }
    assert tied == {("audit_seal", "audit_event")}
