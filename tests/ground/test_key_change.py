"""Keys can be changed: what the old one sealed still opens, what is new uses the new one, and nobody notices."""

import json

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.database import Database
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, Customer
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.mail import outbox, suppressions
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests import cast
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

pytestmark = [requirement("OPS-07"), requirement("ENG-01")]
BO = cast.BO.address


@pytest.fixture
def newer(keys: KeyRing) -> KeyRing:
    """The test's ring with a second key, which is the current one."""
    return KeyRing({**keys.masters, 2: KeyRing.fresh().masters[1]}, 2)


def change(portal: Flask, ring: KeyRing) -> None:
    """Start again with another ring."""
    portal.extensions["portal"].keys = ring


@pytest.fixture
def changed_portal(portal: Flask, database: Database, keys: KeyRing, newer: KeyRing) -> Flask:
    """The portal after the change; the cast was loaded before."""
    cast.settle(database, keys)
    change(portal, newer)
    return portal


def test_customers_of_the_old_key_find_their_answer(
    changed_portal: Flask, visitor: Visitor, database: Database
) -> None:
    assert visitor.arrive(BO).status == 200
    with database.read() as session:
        assert session.scalars(select(Customer.key_id).distinct()).all() == [1]
        assert session.scalars(select(LinkRequest.key_id)).all() == [2]
        assert session.scalars(select(Visit.key_id)).all() == [2]


def test_a_link_from_before_the_change_opens_after_it(
    portal: Flask, visitor: Visitor, database: Database, keys: KeyRing, newer: KeyRing
) -> None:
    cast.settle(database, keys)
    visitor.ask(BO)
    letter = visitor.letter(BO)
    change(portal, newer)
    assert visitor.follow(letter).status == 303
    assert visitor.get("/status").status == 200


def test_a_visit_from_before_the_change_goes_on_and_its_forms_too(
    portal: Flask, visitor: Visitor, database: Database, keys: KeyRing, newer: KeyRing
) -> None:
    cast.settle(database, keys)
    token = token_on(visitor.arrive(BO))
    change(portal, newer)
    assert visitor.post("/leave", {"csrf_token": token}).status == 303
    assert visitor.get("/status").status == 303


def test_accounts_of_one_address_under_two_keys_are_shown_together(
    changed_portal: Flask, visitor: Visitor, database: Database, newer: KeyRing
) -> None:
    cast.move_in_later(database, newer)
    page = visitor.arrive(BO)
    assert page.status == 200
    with database.read() as session:
        accounts = session.scalars(select(Customer).where(Customer.email_index == newer.mac(ADDRESS_INDEX, BO))).all()
        shown = session.scalars(select(Visit.email_index)).one()
    assert {(account.brand, account.key_id) for account in accounts} == {("stagelight-uk", 2), ("seatswap", 2)}
    assert {newer.unseal(ADDRESS, account.id, account.email_sealed) for account in accounts} == {BO}
    assert {newer.unseal(REFERENCE, account.id, account.ref_sealed) for account in accounts} == {"bo-0", "bo-later"}
    assert shown == accounts[0].email_index
    assert "Seat" in page.text


def test_a_mailbox_stopped_before_the_change_stays_stopped(
    portal: Flask, visitor: Visitor, database: Database, keys: KeyRing, newer: KeyRing, clock: StillClock
) -> None:
    cast.settle(database, keys)
    visitor.arrive(BO)
    with database.write() as session:
        mailbox = session.scalars(select(LinkRequest.mailbox)).one()
        assert mailbox
        suppressions.suppress(session, mailbox, suppressions.UNWANTED, now=clock())
    change(portal, newer)
    clock.move(hours=2)
    visitor.ask(BO)
    visitor.work()
    with database.read() as session:
        assert session.scalars(select(LinkRequest.reason).order_by(LinkRequest.id)).all() == [None, "unwanted"]


def test_one_value_that_does_not_open_stops_nobody_else(
    portal: Flask, visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    cast.settle(database, keys)
    with database.write() as session:
        spoiled = session.scalars(select(Customer).where(Customer.email_index == keys.mac(ADDRESS_INDEX, BO))).one()
        spoiled.email_sealed = keys.seal(ADDRESS, fresh_id(), BO)
    visitor.ask(BO)
    assert visitor.arrive(cast.EMRE.address).status == 200
    with database.read() as session:
        assert "does not open" in session.scalars(select(LinkRequest.reason)).all()


def test_secrets_of_a_letter_swapped_with_another_do_not_open(
    portal: Flask, visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    cast.settle(database, keys)
    with database.write() as session:
        for about in (fresh_id(), fresh_id()):
            letter = Letter(kind="link", about=about, origin="http://localhost", locale="en", priority=0, mailbox=b"m")
            outbox.enqueue(session, keys, letter, to=BO, content={"code": "x"}, domain="localhost", now=cast.FIRST_DAY)
    with database.write() as session:
        first, second = session.scalars(select(Letter)).all()
        first.content_sealed, second.content_sealed = second.content_sealed, first.content_sealed
        first.to_sealed, second.to_sealed = second.to_sealed, first.to_sealed
    visitor.work()
    with database.read() as session:
        assert session.scalars(select(Letter.answer)).all() == ["does not open"] * 2


def test_no_row_holds_a_key(changed_portal: Flask, visitor: Visitor, database: Database, newer: KeyRing) -> None:
    visitor.arrive(BO)
    with database.read() as session:
        held = [
            row
            for table in ("customer", "link_request", "letter", "visit", "audit_seal", "audit_event")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]
    said = json.dumps(
        [[bytes(cell).hex() if isinstance(cell, bytes | memoryview) else str(cell) for cell in row] for row in held]
    )
    assert held
    assert not [master for master in newer.masters.values() if master.hex() in said]
