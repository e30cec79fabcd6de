"""Pouring: whatever a row holds comes out of the database as it went in."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.cohort.sealed import CUSTOMER
from portal.database import Database
from portal.identity.customers import Customer
from portal.pouring import as_line, pour, shape_for
from portal.tokens import fresh_id
from tests.cast import BO, settle
from tests.requirements import requirement
from tests.servers.ground import KeyRing


def row(number: UUID, brand: str, index: bytes, country: str | None) -> tuple[object, ...]:
    """A customer with such cells."""
    return number, brand, 1, index, b"", bytes(32), b"\\x00\t\n", 1, None, country, True, False, False, True, 1


@requirement("ENG-01")
@pytest.mark.parametrize("brand", ["plain", "a\tb", "a\nb\r\n", "\\N", "\\.", "\\", "\\x41", "é界 '\"", ""])
def test_every_cell_comes_back(database: Database, keys: KeyRing, brand: str) -> None:
    settle(database, keys, BO)
    number, index, shaped = fresh_id(), bytes(range(32)), shape_for(is_sqlite=database.is_sqlite)
    with database.write() as session:
        pour(session, Customer, CUSTOMER, [])
        pour(session, Customer, CUSTOMER, [shaped(row(number, brand, index, None))])
    with database.read() as session:
        found = session.get_one(Customer, number)
    assert (found.brand, found.ref_index, found.ref_sealed, found.email_sealed) == (brand, index, b"", b"\\x00\t\n")
    assert (found.locale, found.country, found.guest, found.social, found.deceased) == (None, None, True, False, True)


@requirement("ENG-01")
def test_what_the_database_does_not_allow_is_told_as_ever(database: Database, keys: KeyRing) -> None:
    settle(database, keys, BO)
    shaped = shape_for(is_sqlite=database.is_sqlite)
    twins = [shaped(row(fresh_id(), "plain", bytes(32), None)) for _ in range(2)]
    with pytest.raises(IntegrityError), database.write() as session:
        pour(session, Customer, CUSTOMER, twins)
    with database.read() as session:
        assert len(session.scalars(select(Customer)).all()) == 1


def test_what_copy_cannot_spell_is_refused_before_it_is_sent() -> None:
    with pytest.raises(KeyError):
        as_line([1.5])
