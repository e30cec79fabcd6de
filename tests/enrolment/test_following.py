"""What a person has goes along: to the index under another key, and to another address."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.database import Database
from portal.enrolment import grants
from portal.identity import addresses, moving
from portal.identity.customers import ADDRESS_INDEX, Customer
from portal.sealing import KeyRing
from tests.cast import ALL, Account, Person, move_in_later, settle
from tests.cast import BO as BO_HIMSELF
from tests.enrolment.bench import code_on, crowd, grants_of, reveal, some_codes, stock_up
from tests.enrolment.test_line import SUBJECT
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

BO = BO_HIMSELF.address
FAMILY = Person(
    "family", (Account(result="AFFECTED", categories=ALL), Account(brand="seatswap", result="AFFECTED", categories=ALL))
)


@pytest.fixture
def older(portal: Flask, database: Database, keys: KeyRing, clock: StillClock) -> KeyRing:
    """The ring before the keys were changed: under it Bo was loaded, and waits for a code."""
    settle(database, keys)
    person = grants.person_at(keys, BO)
    said = {"offer": "monitoring", "origin": "http://localhost", "locale": "en", "asked_at": clock(), "place": 1}
    with database.write() as session:
        session.add(grants.Grant(key_id=person.key_id, email_index=person.index, **said))
    portal.extensions["portal"].keys = KeyRing({**keys.masters, 2: KeyRing.fresh().masters[1]}, 2)
    return keys


@requirement("OPS-07", "COD-06")
def test_who_waits_while_the_keys_change_still_gets_code_and_letter(
    older: KeyRing, portal: Flask, visitor: Visitor, work: Callable[[], None], database: Database
) -> None:
    newer: KeyRing = portal.extensions["portal"].keys
    move_in_later(database, newer)
    visitor.arrive(BO)
    stock_up(database, newer, some_codes(1))
    work()
    [grant] = grants_of(database)
    assert (grant.key_id, grant.email_index) == (2, newer.mac(ADDRESS_INDEX, BO))
    assert grant.granted_at
    assert SUBJECT.partition(" from ")[0] in " ".join(letter.subject for letter in visitor.mailbag(BO))


@requirement("COD-01")
def test_a_code_goes_along_to_a_new_address_unless_others_stay_or_somebody_has_one_there(
    newcomer: Newcomer, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    people = [*crowd(3), FAMILY]
    settle(database, keys, *people)
    stock_up(database, keys, some_codes(5))
    shown = {}
    for number, one in enumerate(people):
        visitor = newcomer(f"10.0.{number}.1")
        visitor.arrive(one.address)
        shown[one.address] = code_on(reveal(visitor))
    moves = {"guest0@mail.example": "new@mail.example", "guest2@mail.example": "guest1@mail.example"}
    moves[FAMILY.address] = "apart@mail.example"
    for old, new in moves.items():
        with database.write() as session:
            here = select(Customer).where(Customer.email_index == keys.mac(ADDRESS_INDEX, old))
            customer = session.scalars(here.order_by(Customer.id)).first()
            assert customer
            moving.move(session, keys, customer, addresses.read(new), grants.follow, now=clock())
    clock.move(minutes=2)
    again = newcomer("10.0.9.1")
    for address, before in (
        ("new@mail.example", "guest0"),
        ("guest1@mail.example", "guest1"),
        (FAMILY.address, "family"),
    ):
        again.arrive(address)
        assert code_on(reveal(again)) == shown[f"{before}@mail.example"]
    assert len(grants_of(database)) == 4
